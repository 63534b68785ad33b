import { useEffect, useRef, useState } from "preact/hooks";
import { kindOf } from "./media-kinds.ts";

export interface Attachment {
  key: number;
  blob: Blob;
  name: string;
  /** To show it by, of pictures and videos. */
  preview: string | undefined;
  width?: number;
  height?: number;
}

export const mostFiles = 10;

/** Those beyond the most, or with nothing in them. */
export type LeftOut = "tooMany" | "empty";

export interface Attachments {
  items: readonly Attachment[];
  /** What was left out when some were added. */
  leftOut: LeftOut | undefined;
  add(files: Iterable<File>): Promise<void>;
  remove(key: number): void;
  clear(): void;
}

/** Files that will be sent with what is typed. */
export function useFiles(): Attachments {
  const [items, setItems] = useState<readonly Attachment[]>([]);
  const [leftOut, setLeftOut] = useState<LeftOut>();
  const isOver = useRef(false);
  const nextKey = useRef(0);
  const latest = useRef<readonly Attachment[]>(items);
  useEffect(
    () => () => {
      isOver.current = true;
      letGo(latest.current);
    },
    [],
  );
  const put = (next: readonly Attachment[]) => {
    latest.current = next;
    setItems(next);
  };
  const keep = (isKept: (item: Attachment) => boolean) => {
    letGo(latest.current.filter((item) => !isKept(item)));
    put(latest.current.filter(isKept));
    setLeftOut(undefined);
  };
  return {
    items,
    leftOut,
    async add(files) {
      const all = [...files];
      const full = all.filter(({ size }) => size > 0);
      const room = mostFiles - latest.current.length;
      setLeftOut(full.length > room ? "tooMany" : full.length < all.length ? "empty" : undefined);
      const made = await Promise.all(full.slice(0, room).map((file) => attachmentOf(file, nextKey.current++)));
      // Others may have been added meanwhile, or nobody waits for them any more.
      const taken = isOver.current ? [] : made.slice(0, mostFiles - latest.current.length);
      letGo(made.slice(taken.length));
      if (!isOver.current) put([...latest.current, ...taken]);
    },
    remove: (key) => keep((item) => item.key !== key),
    clear: () => keep(() => false),
  };
}

function letGo(items: readonly Attachment[]): void {
  for (const { preview } of items) if (preview) URL.revokeObjectURL(preview);
}

async function attachmentOf(file: File, key: number): Promise<Attachment> {
  const kind = kindOf(file.type);
  const preview = kind === "picture" || kind === "video" ? URL.createObjectURL(file) : undefined;
  const plain = { key, blob: file, name: file.name, preview };
  if (!preview) return plain;
  const size = kind === "picture" ? await pictureSize(file) : await videoSize(preview);
  return { ...plain, ...size };
}

/** Undefined where the browser cannot read it: then it is shown in a place of the usual size. */
async function pictureSize(file: File) {
  const picture = await createImageBitmap(file).catch(() => undefined);
  if (!picture) return undefined;
  const { width, height } = picture;
  picture.close();
  return { width, height };
}

function videoSize(url: string): Promise<{ width: number; height: number } | undefined> {
  const video = document.createElement("video");
  return new Promise((resolve) => {
    video.onloadedmetadata = () => resolve({ width: video.videoWidth, height: video.videoHeight });
    video.onerror = () => resolve(undefined);
    video.src = url;
  });
}
