import { frameText, type ServerFrame } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import { seesPresence } from "./blocks.ts";
import { marksOf } from "./marks.ts";
import { resume, sync } from "./resume.ts";
import { type Membership, nothing, type Rule, refOf, type View } from "./view.ts";

function onlineFor(viewer: Membership, { room, isOnline }: View): string[] {
  return [...room.members.values()]
    .filter((member) => seesPresence(viewer, member) && isOnline(member.user_id))
    .slice(0, limits.onlineShown)
    .map((member) => member.user_id);
}

export const subscribe: Rule<"subscribe"> = (command, actor, view) => {
  const { room } = view;
  const { epoch, floor, head } = room;
  const found = command.since === undefined ? undefined : resume({ epoch: command.epoch, since: command.since }, room);
  const missed = found && "from" in found ? view.replay(found.from, found.to) : [];
  const isCut = found !== undefined && "from" in found && found.from + missed.length < head;
  const isSmall = room.members.size <= limits.watermarksShown;
  const shown = isSmall ? [...room.members.values()] : [actor];
  const subscribed: ServerFrame = {
    type: "subscribed",
    conversation_id: room.id,
    epoch,
    sequence: head,
    floor,
    status: isCut ? "more" : (found?.status ?? "live"),
    watermarks: shown.map((member) => ({ user_id: member.user_id, ...marksOf(member, actor.user_id) })),
    unread: view.unread(actor),
    online: onlineFor(actor, view),
    ...refOf(command),
  };
  const from = found && "from" in found ? found.from : head;
  return { ...nothing([frameText(subscribed), ...missed]), carries: { from, to: from + missed.length } };
};

export const synchronize: Rule<"sync"> = (command, _actor, view) => {
  const found = sync(command, view.room);
  const missed = found.status === "recovered" ? view.replay(found.from, found.to) : [];
  const more = found.status === "recovered" && (found.more || found.from + missed.length < found.to);
  const { id: conversation_id, epoch, head } = view.room;
  const synced: ServerFrame = {
    type: "synced",
    conversation_id,
    epoch,
    sequence: head,
    more,
    status: found.status,
    ...refOf(command),
  };
  const from = found.status === "recovered" ? found.from : head;
  return { ...nothing([...missed, frameText(synced)]), carries: { from, to: from + missed.length } };
};
