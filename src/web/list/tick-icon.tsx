import { type TextKey, useText } from "../texts/text.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import type { Tick } from "./last-words.ts";

const shown: Record<Tick, [icon: IconName, text: TextKey]> = {
  waiting: ["clock", "list.tickWaiting"],
  failed: ["warning", "list.tickFailed"],
  stored: ["check", "list.tickStored"],
  delivered: ["checks", "list.tickDelivered"],
  read: ["checks", "list.tickRead"],
};

export function TickIcon({ tick }: { tick: Tick }) {
  const say = useText();
  const [icon, text] = shown[tick];
  return (
    <span class={`row-tick ${tick}`}>
      <Icon name={icon} size={16} />
      <span class="hidden">{say(text)}</span>
    </span>
  );
}
