import { useRef } from "preact/hooks";
import type { SharedFile } from "../../protocol/media.ts";
import { client } from "../client.ts";
import { download } from "../conversation/download.ts";
import { sizeText } from "../conversation/format.ts";
import { useAddress } from "../conversation/use-address.ts";
import { language, useText } from "../texts/text.ts";
import { longDate, shortTime } from "../times.ts";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction, useValue } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import { PageEnd } from "../ui/page-end.tsx";
import { usePages } from "../ui/pages.ts";
import { Fold } from "./fold.tsx";
import { jumpTo } from "./jump.ts";
import { sharedOf } from "./shared.ts";

export function SharedMedia({ id }: { id: string }) {
  const say = useText();
  return (
    <Fold title={say("details.media")} icon="image">
      {() => <Media id={id} />}
    </Fold>
  );
}

function Media({ id }: { id: string }) {
  const say = useText();
  const all = usePages(id, ({ signal, cursor }) =>
    client.call("GET /conversations/{id}/media", { path: { id }, query: { cursor }, signal }),
  );
  const { pictures, files } = sharedOf(all.items);
  return (
    <>
      <ul class="media-grid">
        {pictures.map((file) => (
          <li key={file.message_id + file.media.id}>
            <Picture file={file} onPress={() => jumpTo(id, file.sequence)} />
          </li>
        ))}
      </ul>
      <ul>
        {files.map((file) => (
          <li key={file.message_id + file.media.id}>
            <FileLine file={file} />
          </li>
        ))}
      </ul>
      <PageEnd pages={all} empty={say("details.noMedia")} />
    </>
  );
}

/** A press leads to its message. */
function Picture({ file, onPress }: { file: SharedFile; onPress(): void }) {
  const say = useText();
  const chosen = useValue(language);
  const ref = useRef<HTMLButtonElement>(null);
  const { url, failed } = useAddress({ local: undefined, media: file.media }, ref);
  const label = file.media.name ?? say("details.pictureFrom", { date: longDate(new Date(file.created_at), chosen) });
  return (
    <button ref={ref} type="button" class="media-cell" aria-label={label} onClick={onPress}>
      {url && <img src={url} alt="" onError={failed} />}
    </button>
  );
}

function FileLine({ file: { media, created_at } }: { file: SharedFile }) {
  const say = useText();
  const chosen = useValue(language);
  const name = media.name ?? say("details.file");
  const save = useAction(() => download(media));
  const when = shortTime(new Date(created_at), new Date(), chosen);
  return (
    <>
      <button
        type="button"
        class="line"
        title={say("details.download", { name })}
        aria-busy={save.isBusy}
        onClick={() => void save.run()}
      >
        <Icon name="file" size={20} />
        <span class="person-text">
          <span dir="auto">{name}</span>
          <span class="quiet">{`${sizeText(chosen, media.size)} · ${when}`}</span>
        </span>
      </button>
      <Notice>{errorText(say, save.error)}</Notice>
    </>
  );
}
