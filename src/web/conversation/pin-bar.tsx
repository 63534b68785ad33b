import type { Pin } from "../../protocol/messages.ts";
import { useText } from "../texts/text.ts";
import { Icon } from "../ui/icon.tsx";
import { summaryOf } from "./quote.tsx";

/** The newest pinned message; a press goes to it. */
export function PinBar({ pins, onJump }: { pins: readonly Pin[]; onJump(sequence: number): void }) {
  const say = useText();
  const [newest] = pins;
  if (!newest) return null;
  return (
    <button
      type="button"
      class="pin-bar"
      title={say("conversation.toPinned")}
      onClick={() => onJump(newest.message.sequence)}
    >
      <Icon name="pin" size={20} />
      <span class="pin-text">
        <strong>{say("conversation.pinned")}</strong>
        <span class="pin-words">{summaryOf(say, newest.message)}</span>
      </span>
    </button>
  );
}
