import type { ShownMessage } from "../../protocol/messages.ts";

export type Media = ShownMessage["media"][number];

export type MediaKind = "picture" | "video" | "audio" | "file";

/** What every browser shows; all else is a file. */
const kinds: [RegExp, MediaKind][] = [
  [/^image\/(?:png|jpeg|gif|webp|avif|bmp)$/, "picture"],
  [/^video\/(?:mp4|webm|ogg|quicktime)$/, "video"],
  [/^audio\//, "audio"],
];

export const kindOf = (contentType: string): MediaKind => kinds.find(([form]) => form.test(contentType))?.[1] ?? "file";
