import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import type { Named } from "./mentions.ts";

interface MentionListProps {
  people: readonly Named[];
  /** Where one types: arrows and Enter there choose here. */
  field: RefObject<HTMLTextAreaElement | null>;
  onChoose(person: Named): void;
}

/** Who may be meant by what stands after an `@`. */
export function MentionList({ people, field, onChoose }: MentionListProps) {
  const say = useText();
  const [at, setAt] = useState(0);
  const now = Math.min(at, people.length - 1);
  useEffect(() => setAt(0), [people.length]);
  useEffect(() => {
    const { current } = field;
    if (!current || people.length === 0) return;
    const choose = (event: KeyboardEvent) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const chosen = people[now];
      if (step !== undefined) setAt((now + step + people.length) % people.length);
      else if ((event.key === "Enter" || event.key === "Tab") && chosen) onChoose(chosen);
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    current.addEventListener("keydown", choose, true);
    return () => current.removeEventListener("keydown", choose, true);
  });
  if (people.length === 0) return null;
  return (
    <ul class="mentions" aria-label={say("conversation.mention")}>
      {people.map((person, index) => (
        <li key={person.id}>
          <button
            type="button"
            class={index === now ? "chosen" : ""}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onChoose(person)}
          >
            <Avatar id={person.id} name={person.name} size={28} />
            <span>{person.name}</span>
            {person.username && <span class="username">@{person.username}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
