/** Words that were asked for, in a text that has them. */
import type { Highlight } from "../../protocol/messages.ts";

export interface Segment {
  text: string;
  isMarked: boolean;
}

/** A text cut at its highlights. @param highlights in UTF-16 units, in order, none in another */
export function segmentsOf(text: string, highlights: readonly Highlight[]): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  for (const { start, length } of highlights) {
    segments.push({ text: text.slice(at, start), isMarked: false });
    segments.push({ text: text.slice(start, start + length), isMarked: true });
    at = start + length;
  }
  segments.push({ text: text.slice(at), isMarked: false });
  return segments.filter((segment) => segment.text !== "");
}

/** Where words of a name begin with a word of the query. */
export function highlightsOf(name: string, query: string): Highlight[] {
  const begins = query.split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
  if (begins.length === 0) return [];
  const longestFirst = begins.sort((one, other) => other.length - one.length);
  const found = name.matchAll(new RegExp(`(?<![\\p{L}\\p{N}_])(?:${longestFirst.join("|")})`, "giu"));
  return Array.from(found, (match) => ({ start: match.index, length: match[0].length }));
}
