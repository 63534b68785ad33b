import type { Reaction } from "../../protocol/messages.ts";
import { useText } from "../texts/text.ts";
import { useValue } from "../ui/hooks.ts";
import { people as everyone } from "./people.ts";

interface ReactionsProps {
  reactions: readonly Reaction[];
  userId: string;
  onToggle(emoji: string): void;
}

const shownNames = 8;

/** Chips under a bubble: one's own marked, a press puts it on or takes it away. */
export function Reactions({ reactions, userId, onToggle }: ReactionsProps) {
  const say = useText();
  const people = useValue(everyone);
  const namesOf = (ids: readonly string[]) => {
    const names = ids.map((id) => (id === userId ? say("common.you") : people.get(id)?.name)).filter(Boolean);
    const shown = names.slice(0, shownNames);
    const others = ids.length - shown.length;
    return [...shown, ...(others > 0 ? [say("conversation.others", { count: others })] : [])].join(", ");
  };
  return (
    <ul class="reactions">
      {reactions.map(({ emoji, user_ids }) => {
        const label = say("conversation.reactedBy", { emoji, count: user_ids.length, names: namesOf(user_ids) });
        return (
          <li key={emoji}>
            <button
              type="button"
              class="reaction"
              aria-pressed={user_ids.includes(userId)}
              aria-label={label}
              title={label}
              onClick={() => onToggle(emoji)}
            >
              {emoji} <span>{user_ids.length}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
