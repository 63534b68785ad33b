import { language, useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";
import { useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import { sizeText } from "./format.ts";
import { kindOf } from "./media-kinds.ts";
import { type Attachments, mostFiles } from "./use-files.ts";

/** What will be sent, each with a way to leave it out. */
export function AttachmentList({ files }: { files: Attachments }) {
  const say = useText();
  const chosen = useValue(language);
  return (
    <>
      {files.items.length > 0 && (
        <ul class="attachments">
          {files.items.map(({ key, blob, name, preview }) => (
            <li key={key}>
              {preview && kindOf(blob.type) === "picture" ? (
                <img src={preview} alt={name} width={72} height={72} />
              ) : (
                <span class="attachment">
                  <Icon name="file" size={20} />
                  <span>{name}</span>
                  <span class="size">{sizeText(chosen, blob.size)}</span>
                </span>
              )}
              <IconButton
                icon="close"
                size={16}
                label={say("conversation.removeFile", { name })}
                onClick={() => files.remove(key)}
              />
            </li>
          ))}
        </ul>
      )}
      <p class="composer-note" role="status">
        {files.leftOut === "tooMany" && say("conversation.tooManyFiles", { count: mostFiles })}
        {files.leftOut === "empty" && say("conversation.emptyFile")}
      </p>
    </>
  );
}
