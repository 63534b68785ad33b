/** How a conversation begins; or what is there already under its id. */
import { newId } from "../chance.ts";
import { newRoom, unbegun } from "../core/creation.ts";
import { memberIn } from "../core/view.ts";
import type { Creation } from "../protocol/commands.ts";
import type { Conversation } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import type { Log } from "./log.ts";
import type { Outbox } from "./outbox.ts";

export interface CreationParts {
  id: string;
  log: Log;
  outbox: Outbox;
  /** Asks the archive, where the log is empty. @throws Fault UNAVAILABLE */
  open(): Promise<void>;
  /** The other members are to hear of it. */
  begun(creator: string): Promise<void>;
  /** A dialog begun again is back in the list of who begins it. */
  unhide(userId: string): Promise<void>;
  whole(userId: string): Promise<Conversation>;
}

export interface Created {
  created: boolean;
  conversation: Conversation;
}

/** @throws Fault CONFLICT where another one has the id, PERMISSION_DENIED where it is not to begin, UNAVAILABLE */
export async function create(parts: CreationParts, creation: Creation): Promise<Created> {
  const { id, log, outbox, open, begun, whole } = parts;
  const creator = creation.creator.user_id;
  if (!creation.fresh) await open();
  if (log.room) {
    if (!isRepeat(creation, log.room)) throw new Fault("CONFLICT", "Another conversation has this id");
    if (log.room.members.get(creator)?.hidden) await parts.unhide(creator);
    return { created: false, conversation: await whole(creator) };
  }
  const refusal = unbegun(creation);
  if (refusal) throw Fault.from(refusal);
  const cursors = { drained: 0, fanned: -1, version: 0, isComplete: true };
  log.begin(newRoom(id, newId(), creation, Date.now()), cursors);
  await begun(creator);
  await outbox.drainSoon();
  return { created: true, conversation: await whole(creator) };
}

/** A dialog is one for its pair, whoever begins it; a group one has left, or that was deleted, keeps its id. */
function isRepeat({ creator, body_hash }: Creation, room: NonNullable<Log["room"]>): boolean {
  if (!memberIn(room, creator.user_id)) return false;
  return room.kind === "dialog" || (room.created_by === creator.user_id && room.body_hash === body_hash);
}
