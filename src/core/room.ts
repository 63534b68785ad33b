/**
 * The rules of a conversation: `decide(command, view) -> outcome`. Pure and synchronous. The object makes the view,
 * applies the writes, sends the frames, and does nothing else.
 *
 * Holds: sequences are dense from 1; an id is one message; watermarks only rise; what is refused changes nothing.
 */

import type { Command } from "../protocol/commands.ts";
import type { Refusal } from "../protocol/errors.ts";
import { frameText } from "../protocol/frames.ts";
import { isoTime } from "../protocol/ids.ts";
import { change, leave, remove, restore } from "./changes.ts";
import { deleteMessage } from "./deletions.ts";
import { editMessage } from "./edits.ts";
import { forwardMessage } from "./forwards.ts";
import { endInvite, invite, join } from "./invites.ts";
import { addMembers, removeMember } from "./members.ts";
import { sendMessage } from "./messages.ts";
import { pinMessage } from "./pins.ts";
import { react } from "./reactions.ts";
import { acknowledge, markRead } from "./receipts.ts";
import { setRole, transfer } from "./roles.ts";
import { changeMine } from "./standing.ts";
import { subscribe, synchronize } from "./subscriptions.ts";
import { startTyping, stopTyping } from "./typing.ts";
import {
  type CommandOf,
  type Membership,
  memberIn,
  nothing,
  type Outcome,
  type Rule,
  refOf,
  refuseStranger,
  type View,
} from "./view.ts";

/** Commands of who need not be a member, or for whom it is not there any more. */
type Outside = "join" | "restore";
type InsideCommand = Exclude<Command, { type: Outside }>;

const rules: { [T in InsideCommand["type"]]: Rule<T> } = {
  message: sendMessage,
  message_edit: editMessage,
  message_delete: deleteMessage,
  message_forward: forwardMessage,
  reaction: react,
  pin: pinMessage,
  typing_start: startTyping,
  typing_stop: stopTyping,
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
  set_role: setRole,
  transfer,
  leave,
  invite,
  end_invite: endInvite,
  change,
  change_mine: changeMine,
  delete: remove,
};

/** @param userId who asks; a stranger learns only that there is nothing */
export function decide(command: Command, userId: string, view: View): Outcome | Refusal {
  if (command.type === "join") return join(command, view);
  if (command.type === "restore") return restore(userId, view);
  const actor = memberIn(view.room, userId);
  return actor ? apply(command.type, command, actor, view) : refuseStranger(command.type);
}

function apply<T extends InsideCommand["type"]>(
  type: T,
  command: CommandOf[T],
  actor: Membership,
  view: View,
): Outcome | Refusal {
  const rule: Rule<T> = rules[type];
  return rule(command, actor, view);
}
