/** What the server itself tells a conversation: rules beside those of commands, not open to frames. */
import type { Person } from "../protocol/commands.ts";
import { type Forget, forget } from "./forgetting.ts";
import { type TypingOver, typingOver } from "./typing.ts";
import { nothing, type Outcome, type View } from "./view.ts";

/** What of a member's account has changed. */
export interface Know {
  type: "know";
  person: Person;
}

export type SystemCommand = Know | Forget | TypingOver;
export type SystemCommandType = SystemCommand["type"];
type SystemCommandOf = { [T in SystemCommandType]: Extract<SystemCommand, { type: T }> };
type SystemRule<T extends SystemCommandType> = (command: SystemCommandOf[T], view: View) => Outcome;

const rules: { [T in SystemCommandType]: SystemRule<T> } = { know, forget, typing_over: typingOver };

export function decideSystem(command: SystemCommand, view: View): Outcome {
  return apply(command.type, command, view);
}

function apply<T extends SystemCommandType>(type: T, command: SystemCommandOf[T], view: View): Outcome {
  const rule: SystemRule<T> = rules[type];
  return rule(command, view);
}

/** What was read earlier may arrive later: then it is known better already. */
function know({ person }: Know, { room }: View): Outcome {
  const member = room.members.get(person.user_id);
  if (!member || member.is_deleted || person.revision <= member.revision) return nothing();
  return { ...nothing(), members: [{ know: { ...member, ...person } }] };
}
