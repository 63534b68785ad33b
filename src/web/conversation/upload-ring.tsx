import { language, useText } from "../texts/text.ts";
import { useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";

const radius = 20;
const around = 2 * Math.PI * radius;

/** How much of a message's files is up, and the way to stop it. @param progress 0..1 */
export function UploadRing({ progress, onCancel }: { progress: number; onCancel(): void }) {
  const say = useText();
  const chosen = useValue(language);
  const percent = new Intl.NumberFormat(chosen, { style: "percent" }).format(progress);
  return (
    <span class="upload">
      <button
        type="button"
        aria-label={say("conversation.cancelUpload")}
        title={say("conversation.cancelUpload")}
        onClick={onCancel}
      >
        <svg viewBox="0 0 44 44" width="44" height="44" aria-hidden="true">
          <circle class="track" cx="22" cy="22" r={radius} />
          <circle class="done" cx="22" cy="22" r={radius} stroke-dasharray={`${around * progress} ${around}`} />
        </svg>
        <Icon name="close" size={20} />
      </button>
      <span role="progressbar" aria-valuenow={Math.round(progress * 100)} aria-label={say("conversation.cancelUpload")}>
        {percent}
      </span>
    </span>
  );
}
