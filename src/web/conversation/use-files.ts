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

export interface Attachments {
  items: readonly Attachment[];
  isTooMany: boolean;
  add(files: Iterable<File>): Promise<void>;
  remove(key: number): void;
  clear(): void;
}

/** Files that will be sent with what is typed. */
export function useFiles(): Attachments {
  const [items, setItems] = useState<readonly Attachment[]>([]);
  const [isTooMany, setTooMany] = useState(false);
  const nextKey = useRef(0);
  const latest = useRef(items);
  latest.current = items;
  useEffect(() => () => letGo(latest.current), []);
  return {
    items,
    isTooMany,
    async add(files) {
      const all = [...files];
      const room = mostFiles - latest.current.length;
      setTooMany(all.length > room);
      const made = await Promise.all(
        all.slice(0, Math.max(0, room)).map((file) => attachmentOf(file, nextKey.current++)),
      );
      setItems((before) => [...before, ...made].slice(0, mostFiles));
    },
    remove(key) {
      letGo(items.filter((item) => item.key === key));
      setItems(items.filter((item) => item.key !== key));
      setTooMany(false);
    },
    clear() {
      letGo(items);
      setItems([]);
      setTooMany(false);
    },
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
