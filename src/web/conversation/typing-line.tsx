import type { Typist } from "../../client/api.ts";
import { type Say, useText } from "../texts/text.ts";

/** Under the last bubble, in a place of its own: it comes and goes without moving anything. */
export function TypingLine({ typing }: { typing: readonly Typist[] }) {
  const say = useText();
  return (
    <p class="typing-line">
      {typing.length > 0 && (
        <>
          <Dots /> {typingText(say, typing)}
        </>
      )}
    </p>
  );
}

export function typingText(say: Say, typing: readonly Typist[]): string {
  const [first] = typing;
  if (typing.length === 1 && first) return say("conversation.isTyping", { name: first.user_name });
  return say("conversation.areTyping", { count: typing.length });
}

export function Dots() {
  return (
    <span class="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
