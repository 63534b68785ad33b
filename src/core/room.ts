/**
 * The rules of a conversation: `decide(command, view) -> outcome`. Pure and synchronous. The object makes the view,
 * applies the writes, sends the frames, and does nothing else.
 *
 * Holds: sequences are dense from 1; an id is one message; watermarks only rise; what is refused changes nothing.
 */
import type { Refusal } from "../protocol/errors.ts";
import { frameText } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import type { Command, CommandType } from "../protocol/rpc.ts";
import { addMembers, removeMember } from "./members.ts";
import { sendMessage } from "./messages.ts";
import { acknowledge, markRead } from "./receipts.ts";
import { subscribe, synchronize } from "./subscriptions.ts";
import {
  type CommandOf,
  type Membership,
  nothing,
  type Outcome,
  type Rule,
  refOf,
  refuseStranger,
  type View,
} from "./view.ts";

const rules: { [T in CommandType]: Rule<T> } = {
  message: sendMessage,
  mark_read: markRead,
  ack: acknowledge,
  subscribe,
  follow: () => nothing(),
  unfollow: () => nothing(),
  ping: (command) => nothing([frameText({ type: "pong", ...refOf(command) })]),
  reauth: (command, { user_id, name: user_name }) =>
    nothing([
      frameText({
        type: "auth_success",
        user_id,
        user_name,
        expires_at: isoTime(command.expires_at),
        ...refOf(command),
      }),
    ]),
  sync: synchronize,
  add_members: addMembers,
  remove_member: removeMember,
};

/** @param userId who asks; a stranger learns only that there is nothing */
export function decide(command: Command, userId: string, view: View): Outcome | Refusal {
  const actor = view.room.members.get(userId);
  return actor && !actor.is_deleted ? apply(command.type, command, actor, view) : refuseStranger(command.type);
}

function apply<T extends CommandType>(
  type: T,
  command: CommandOf[T],
  actor: Membership,
  view: View,
): Outcome | Refusal {
  const rule: Rule<T> = rules[type];
  return rule(command, actor, view);
}
