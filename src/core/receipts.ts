import { type Refusal, refuse } from "../protocol/errors.ts";
import { frameText, type ServerFrame } from "../protocol/frames.ts";
import {
  type Membership,
  memberIn,
  nothing,
  type Outcome,
  type Passing,
  type Receipt,
  type Room,
  type Rule,
  refOf,
  type View,
} from "./view.ts";

interface Mark {
  message_id?: string | undefined;
  sequence?: number | undefined;
}

/** The message or sequence a mark names, as both. */
function locate(mark: Mark, view: View): { sequence: number; message_id?: string } | Refusal {
  if (mark.message_id !== undefined) {
    const known = view.known(mark.message_id);
    if (!known) return refuse("MESSAGE_NOT_FOUND", "There is no such message in this conversation");
    return { sequence: known.sequence, message_id: known.id };
  }
  const sequence = mark.sequence ?? 0;
  if (sequence > view.room.head) return refuse("MESSAGE_NOT_FOUND", "The sequence lies above the newest event");
  const message_id = view.messageAt(sequence);
  return message_id === undefined ? { sequence } : { sequence, message_id };
}

export const markRead: Rule<"mark_read"> = (command, actor, view) => {
  const place = locate(command, view);
  if ("ok" in place) return place;
  const read = Math.max(actor.read, place.sequence);
  const raised = { ...actor, read, delivered: Math.max(actor.delivered, read) };
  const conversation_id = view.room.id;
  const success: ServerFrame = { type: "mark_read_success", conversation_id, ...place, ...refOf(command) };
  const outcome: Outcome = {
    ...nothing([frameText(success)]),
    acked: place.sequence,
    mark: { read, unread: view.unread(raised) },
  };
  if (place.sequence <= actor.announced) return outcome;
  const told: Membership = { ...raised, announced: place.sequence };
  return {
    ...outcome,
    members: [{ set: told }],
    isOwnChange: true,
    receipt: { kind: "read", user_id: actor.user_id, ...place },
  };
};

export const acknowledge: Rule<"ack"> = (command, actor, view) => {
  const place = locate(command, view);
  if ("ok" in place) return place;
  const reply = frameText({ type: "message_ack", ...place, status: "delivered", ...refOf(command) });
  const outcome: Outcome = { ...nothing([reply]), acked: place.sequence };
  if (place.sequence <= actor.delivered) return outcome;
  const { user_id } = actor;
  return {
    ...outcome,
    members: [{ set: { ...actor, delivered: place.sequence } }],
    receipt: { kind: "delivered", user_id, sequence: place.sequence },
  };
};

/**
 * What is told of a receipt, and to whom, as things are now: under today's name and settings. Nothing of one who has left
 * or lost their account since, nor of what was before they came back.
 */
export function told({ kind, user_id, ...place }: Receipt, room: Room): Passing | undefined {
  const member = memberIn(room, user_id);
  if (!member || place.sequence <= member.joined_sequence) return undefined;
  const { name: reader_name, shows_reading } = member;
  const { id: conversation_id } = room;
  if (kind === "delivered") {
    return { frame: { type: "message_delivered", conversation_id, sequence: place.sequence, user_id }, to: "others" };
  }
  const frame: ServerFrame = { type: "message_read", conversation_id, ...place, reader_id: user_id, reader_name };
  return { frame, to: shows_reading ? "all" : "own" };
}
