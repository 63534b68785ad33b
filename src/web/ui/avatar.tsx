import { client } from "../client.ts";

interface AvatarProps {
  /** Of the user or the conversation: chooses the tint. */
  id: string;
  name: string;
  url?: string | undefined;
  size?: number;
  isOnline?: boolean;
}

const tints = 8;

/** Decoration: the name stands beside it. */
export function Avatar({ id, name, url, size = 44, isOnline = false }: AvatarProps) {
  const style = { width: `${size}px`, height: `${size}px`, fontSize: `${Math.round(size * 0.38)}px` };
  return (
    <span
      class={`avatar tint-${tintOf(id)}${isOnline ? " online" : ""}`}
      style={style}
      aria-hidden="true"
      data-initials={url ? undefined : initials(name)}
    >
      {url && <img src={client.address(url)} alt="" width={size} height={size} loading="lazy" />}
    </span>
  );
}

/** Ids are of version 7: what is random in them is at their end. */
const tintOf = (id: string): number => Number.parseInt(id.slice(-4), 16) % tints || 0;

export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => firstOf(word ?? ""))
    .join("")
    .toLocaleUpperCase();
}

/** The first character as people count them: an emoji is one. */
function firstOf(word: string): string {
  for (const { segment } of new Intl.Segmenter().segment(word)) return segment;
  return "";
}
