/** What a command is answered with: to the socket that asked, or to who called. */
import { redacted } from "../core/deletions.ts";
import { forwardFrame } from "../core/forwards.ts";
import { told } from "../core/receipts.ts";
import { mineOf, rosterOf } from "../core/record.ts";
import type { Known, Outcome } from "../core/view.ts";
import type { Answer, Command, OwnChange } from "../protocol/commands.ts";
import type { SequencedFrame } from "../protocol/deliveries.ts";
import type { Refusal } from "../protocol/errors.ts";
import { errorFrame, frameText } from "../protocol/frames.ts";
import { type Entry, refOf } from "./entry.ts";
import type { Fanout } from "./fanout.ts";
import type { Log } from "./log.ts";
import { memberOf, shown } from "./reading.ts";
import { recordHere } from "./records.ts";

/** Frames for the asking socket alone. */
export function repliesOf(log: Log, entry: Entry, outcome: Outcome | Refusal): string[] {
  if (!outcome.ok) return [errorFrame(outcome, refOf(entry))];
  return outcome.repeat ? [firstFrame(log, entry, outcome.repeat)] : outcome.replies;
}

/** @param outcome with the events as they were written */
export function answerOf(
  { log, fanout, isHub }: { log: Log; fanout: Fanout; isHub: boolean },
  entry: Entry,
  outcome: Outcome & { written: SequencedFrame[] },
): Answer {
  const { userId, command } = entry;
  const { repeat, mark, acked, carries, written } = outcome;
  const repeated = repeat && firstFrame(log, entry, repeat);
  const isComing = repeat && fanout.isOnItsWay(userId, repeat.sequence);
  const made = isComing ? repeat.sequence : written.at(-1)?.sequence;
  const others = isHub ? othersOf(log, userId, outcome) : undefined;
  return {
    replies: repeated ? [repeated] : outcome.replies,
    events: repeated ? [repeated] : written.map((event) => event.text),
    ...(made !== undefined && { made }),
    ...(mark && { mark }),
    ...(acked !== undefined && { acked }),
    ...(carries && { carries }),
    ...(others && { others }),
    ...(!isHub && "type" in command && shownAfter(log, userId, command)),
  };
}

/** Commands whose answer over REST is the conversation. */
const shownWhole: ReadonlySet<Command["type"]> = new Set(["change", "change_mine", "join", "restore", "transfer"]);

/** Read in the turn itself: a moment later the one who asked may have left. */
function shownAfter(log: Log, userId: string, command: Command): Pick<Answer, "record" | "members"> {
  if (shownWhole.has(command.type)) return { record: recordHere(log, userId) };
  const membersOf = (only: string[]) => rosterOf(memberOf(log, userId).room, userId, { only, limit: only.length });
  if (command.type === "set_role") return { members: membersOf([command.user_id]) };
  return command.type === "add_members" ? { members: membersOf(command.people.map((one) => one.user_id)) } : {};
}

/** What the actor's other user sockets are to hear: their object asked, so it tells them itself. */
function othersOf(log: Log, userId: string, { receipt, isOwnChange }: Outcome): OwnChange | undefined {
  const passing = receipt && log.room && told(receipt, log.room);
  const own = passing && passing.to !== "others" ? [frameText(passing.frame)] : [];
  if (own.length === 0 && !isOwnChange) return undefined;
  return { passing: own, ...(isOwnChange && { inbox: inboxOf(log, userId) }) };
}

export function inboxOf({ room, rows }: Log, userId: string): string {
  const member = room?.members.get(userId);
  if (!room || !member) throw new Error("Only a member's command changes where they stand");
  const unread = rows.unread(member);
  const { id: conversation_id, head: sequence } = room;
  return frameText({ type: "inbox", conversation_id, sequence, unread, me: mineOf(member, unread) });
}

/** A message's frame as it is stored; below the floor, as history shows it. */
function firstFrame(log: Log, { found, command }: Entry, { id, is_deleted }: Known): string {
  const frame = log.rows.known(id)?.frame;
  if (frame) return frame;
  const archived = found?.get(id);
  if (!archived) throw new Error("A repeat below the floor was decided without its message");
  const { body_hash: _hash, ...first } = archived;
  const [whole = first] = shown(log, [first]);
  const message = is_deleted ? redacted(whole) : whole;
  const { forwarded_from } = message;
  const isForward = "type" in command && command.type === "message_forward" && forwarded_from !== undefined;
  return frameText(
    isForward ? forwardFrame({ ...message, forwarded_from }, command.message_id) : { type: "message", ...message },
  );
}
