import { useText } from "../texts/text.ts";

const widths = [56, 38, 64, 44, 30];

/** In the place of messages that are being loaded; seen only after a moment (their style says so). */
export function Skeletons() {
  const say = useText();
  return (
    <div class="skeletons">
      <span class="hidden">{say("conversation.loadingHistory")}</span>
      {widths.map((width, index) => (
        <span key={width} class={index % 2 ? "mine" : "theirs"} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
