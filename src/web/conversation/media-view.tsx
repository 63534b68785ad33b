import { useRef } from "preact/hooks";
import { language, useText } from "../texts/text.ts";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction, useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import { download } from "./download.ts";
import type { ShownFile } from "./files.ts";
import { sizeText } from "./format.ts";
import type { Media } from "./media-kinds.ts";
import { boxOf } from "./sizes.ts";
import { useAddress } from "./use-address.ts";

interface FileProps {
  file: ShownFile;
  onView?: ((media: Media) => void) | undefined;
}

/** The files of one message: pictures and videos in a grid where there are several, the others one below another. */
export function MediaView({ files, onView }: { files: readonly ShownFile[]; onView?: (media: Media) => void }) {
  const seen = files.filter(({ kind }) => kind === "picture" || kind === "video");
  const others = files.filter((file) => !seen.includes(file));
  return (
    <>
      {seen.length > 0 && (
        <div class={seen.length > 1 ? "pictures many" : "pictures"}>
          {seen.map((file) =>
            file.kind === "picture" ? (
              <Picture key={file.key} file={file} onView={onView} />
            ) : (
              <Video key={file.key} file={file} />
            ),
          )}
        </div>
      )}
      {others.map((file) =>
        file.kind === "audio" ? <Audio key={file.key} file={file} /> : <Card key={file.key} file={file} />,
      )}
    </>
  );
}

function Picture({ file, onView }: FileProps) {
  const say = useText();
  const ref = useRef<HTMLButtonElement>(null);
  const { url, isAway, failed } = useAddress(file, ref);
  const { width, height } = boxOf(file);
  const { media } = file;
  return (
    <button
      ref={ref}
      type="button"
      class="picture"
      style={{ "--width": `${width}px`, "--ratio": `${width} / ${height}` }}
      aria-label={say("conversation.showPicture")}
      disabled={!media || !onView}
      onClick={() => media && onView?.(media)}
    >
      {url && (
        <img
          src={url}
          alt={file.name}
          width={width}
          height={height}
          decoding={file.local ? "sync" : "async"}
          onError={failed}
        />
      )}
      {isAway && <span class="away">{say("conversation.pictureAway")}</span>}
    </button>
  );
}

function Video({ file }: FileProps) {
  const ref = useRef<HTMLVideoElement>(null);
  const { url, isAway, failed } = useAddress(file, ref);
  const { width, height } = boxOf(file);
  if (isAway) return <Unplayed file={file} />;
  return (
    // biome-ignore lint/a11y/useMediaCaption: what people film has none.
    <video
      ref={ref}
      class="picture"
      style={{ "--width": `${width}px`, "--ratio": `${width} / ${height}` }}
      src={url}
      controls
      playsInline
      preload="metadata"
      aria-label={file.name}
      onError={failed}
    />
  );
}

function Audio({ file }: FileProps) {
  const ref = useRef<HTMLAudioElement>(null);
  const { url, isAway, failed } = useAddress(file, ref);
  if (isAway) return <Unplayed file={file} />;
  return (
    // biome-ignore lint/a11y/useMediaCaption: what people record has none.
    <audio ref={ref} class="audio" src={url} controls preload="none" aria-label={file.name} onError={failed} />
  );
}

/** What this browser does not play, or cannot load: it can still be had. */
function Unplayed({ file }: FileProps) {
  const say = useText();
  return (
    <div class="unplayed">
      <Card file={file} />
      <p>{say("conversation.cannotPlay")}</p>
    </div>
  );
}

function Card({ file }: FileProps) {
  const say = useText();
  const chosen = useValue(language);
  const { media, name } = file;
  const save = useAction(async () => media && (await download(media)));
  return (
    <>
      <button type="button" class="file-card" disabled={!media} aria-busy={save.isBusy} onClick={() => void save.run()}>
        <span class="file-card-icon">
          <Icon name="file" />
        </span>
        <span class="file-card-text">
          <strong>{name || say("conversation.file")}</strong>
          <span>{sizeText(chosen, file.size)}</span>
        </span>
        {media && <Icon name="download" size={20} />}
      </button>
      <Notice>{errorText(say, save.error)}</Notice>
    </>
  );
}
