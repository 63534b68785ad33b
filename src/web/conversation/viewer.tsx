import { useEffect, useState } from "preact/hooks";
import type { ShownMessage } from "../../protocol/messages.ts";
import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";
import { useModal } from "../ui/modal.ts";
import { download } from "./download.ts";
import { kindOf, type Media } from "./media-kinds.ts";

interface ViewerProps {
  /** What is loaded of the conversation: arrows lead through its pictures. */
  messages: readonly ShownMessage[];
  media: Media;
  onClose(): void;
}

/** A picture over all else. */
export function Viewer({ messages, media, onClose }: ViewerProps) {
  const say = useText();
  const [now, setNow] = useState(media);
  const [isAway, setAway] = useState(false);
  const modal = useModal(onClose);
  const url = useSigned(now.id, () => setAway(true));
  const pictures = messages.flatMap((message) => message.media).filter((one) => kindOf(one.content_type) === "picture");
  const at = pictures.findIndex(({ id }) => id === now.id);
  const move = (step: number) => {
    const next = pictures[at + step];
    if (!next) return;
    setNow(next);
    setAway(false);
  };
  return (
    <dialog
      {...modal}
      class="viewer"
      aria-label={now.name ?? say("conversation.picture")}
      onClick={({ target }) => target instanceof Element && !target.closest("button, img") && onClose()}
      onKeyDown={({ key }) => move({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0)}
    >
      <header>
        <IconButton
          icon="download"
          label={say("conversation.download")}
          onClick={() => void download(now).catch(() => setAway(true))}
        />
        <IconButton icon="close" label={say("common.close")} onClick={onClose} />
      </header>
      {url && (
        <img key={now.id} src={url} alt={now.name ?? say("conversation.picture")} onError={() => setAway(true)} />
      )}
      {isAway && <p role="alert">{say("conversation.pictureAway")}</p>}
      {pictures[at - 1] && at > 0 && (
        <IconButton class="before" icon="back" label={say("conversation.previous")} onClick={() => move(-1)} />
      )}
      {pictures[at + 1] && (
        <IconButton class="after" icon="back" label={say("conversation.next")} onClick={() => move(1)} />
      )}
    </dialog>
  );
}

function useSigned(mediaId: string, onAway: () => void): string | undefined {
  const [signed, setSigned] = useState<{ id: string; url: string }>();
  useEffect(() => {
    let isShown = true;
    client.mediaUrl(mediaId).then(
      (url) => isShown && setSigned({ id: mediaId, url }),
      () => isShown && onAway(),
    );
    return () => {
      isShown = false;
    };
  }, [mediaId]);
  return signed?.id === mediaId ? signed.url : undefined;
}
