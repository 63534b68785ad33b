import { client } from "../client.ts";
import { go } from "../navigation.ts";
import { useValue } from "../ui/hooks.ts";

/** @param chosen the conversation that is open */
export function ListPane({ chosen }: { chosen: string | undefined }) {
  const { items } = useValue(client.conversations.state);
  return (
    <nav class="pane list">
      {items.map(({ conversation: { id, title } }) => (
        <button type="button" key={id} aria-current={id === chosen} onClick={() => go({ at: "conversation", id })}>
          {title}
        </button>
      ))}
    </nav>
  );
}
