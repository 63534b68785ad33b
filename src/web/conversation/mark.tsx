import { language, useText } from "../texts/text.ts";
import { clockTime } from "../times.ts";
import { useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import type { Tick } from "./ticks.ts";

interface MarkProps {
  at: number | string;
  isEdited?: boolean;
  tick?: Tick | "pending" | undefined;
}

/** At the end of a bubble: when, and how far it has got. */
export function Mark({ at, isEdited = false, tick }: MarkProps) {
  const say = useText();
  const chosen = useValue(language);
  return (
    <span class="stamp">
      {isEdited && <span>{say("conversation.edited")}</span>}
      <time dateTime={new Date(at).toISOString()}>{clockTime(new Date(at), chosen)}</time>
      {tick && <TickIcon tick={tick} />}
    </span>
  );
}

const icons = { pending: "clock", stored: "check", delivered: "checks", read: "checks" } as const;

function TickIcon({ tick }: { tick: Tick | "pending" }) {
  const say = useText();
  return (
    <span
      class={`message-tick ${tick}`}
      role="img"
      aria-label={say(`conversation.${tick}`)}
      title={say(`conversation.${tick}`)}
    >
      <Icon name={icons[tick]} size={16} />
    </span>
  );
}
