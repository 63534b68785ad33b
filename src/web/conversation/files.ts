/** The files of a message, sent or on its way, as they are shown. */
import type { Pending } from "../../client/api.ts";
import type { ShownMessage } from "../../protocol/messages.ts";
import { keptAddress, localAddress } from "./local-files.ts";
import { kindOf, type Media, type MediaKind } from "./media-kinds.ts";

export interface ShownFile {
  key: string;
  kind: MediaKind;
  name: string;
  size: number;
  width?: number | undefined;
  height?: number | undefined;
  /** Where it is in this page. */
  local: string | undefined;
  media: Media | undefined;
}

/** Whether a bubble is the frame of what it shows. */
export const isFramed = (files: readonly ShownFile[]): boolean =>
  files.some(({ kind }) => kind === "picture" || kind === "video");

export const filesOf = ({ id, media }: ShownMessage): ShownFile[] =>
  media.map((file, index) => ({
    key: `${index}`,
    kind: kindOf(file.content_type),
    name: file.name ?? "",
    ...{ size: file.size, width: file.width, height: file.height },
    local: keptAddress(id, index),
    media: file,
  }));

export const pendingFilesOf = ({ entry }: Pending): ShownFile[] =>
  entry.files.map(({ blob, name, width, height }, index) => ({
    key: `${index}`,
    kind: kindOf(blob.type),
    ...{ name, width, height },
    size: blob.size,
    local: localAddress(entry.id, index, blob),
    media: undefined,
  }));
