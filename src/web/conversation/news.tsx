import { useEffect, useRef, useState } from "preact/hooks";
import type { ShownMessage } from "../../protocol/messages.ts";
import { useText } from "../texts/text.ts";
import { summaryOf } from "./quote.tsx";

/** Says what others say while one is here; what is loaded of the past is not news. */
export function News({ messages, userId }: { messages: readonly ShownMessage[]; userId: string }) {
  const say = useText();
  const [said, setSaid] = useState("");
  const known = useRef<ShownMessage>(undefined);
  const newest = messages.at(-1);
  useEffect(() => {
    const before = known.current;
    known.current = newest;
    if (!before || !newest || newest.sequence <= before.sequence || newest.sender_id === userId) return;
    if (messages.some(({ id }) => id === before.id)) setSaid(`${newest.sender_name}: ${summaryOf(say, newest)}`);
  }, [newest?.sequence]);
  return (
    <p class="hidden" aria-live="polite">
      {said}
    </p>
  );
}
