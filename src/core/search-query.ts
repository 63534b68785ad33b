/** What one types to find a message, taken apart. Whatever is typed is a query, or says nothing. */

import type { Phrase, SearchQuery } from "../protocol/search.ts";

/** With a minus before it or not: what stands in quotes, or between blanks. */
const part = /(?:(?<=^|\s)(?<minus>-+))?(?:"(?<quoted>[^"]*)(?<end>"|$)|(?<plain>[^\s"]+))/gu;
const quotes = /[“”„«»]/gu;
const word = /[\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}]*/gu;

export interface Word {
  /** As it is compared. */
  word: string;
  /** Where it begins and ends in the text, in UTF-16 units. */
  start: number;
  end: number;
}

/** The words of a text, as Postgres finds them in it. */
export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(word), ({ 0: found, index: start }) => {
    return { word: comparable(found), start, end: start + found.length };
  });
}

function comparable(text: string): string {
  return text.normalize("NFC").toLowerCase().replaceAll("ё", "е");
}

/** @returns undefined where there is no word to look for */
export function parseQuery(text: string): SearchQuery | undefined {
  const words: string[] = [];
  const phrases: Phrase[] = [];
  const excluded: string[][] = [];
  for (const { groups = {} } of text.replaceAll(quotes, '"').matchAll(part)) {
    const { minus, quoted, end, plain = quoted } = groups;
    const said = wordsOf(plain ?? "").map((one) => one.word);
    if (said.length === 0) continue;
    if (minus !== undefined) excluded.push(said);
    else if (quoted !== undefined) phrases.push({ words: said, isOpen: end === "" });
    else words.push(...said);
  }
  const prefix = words.pop();
  return prefix === undefined && phrases.length === 0 ? undefined : { words, prefix, phrases, excluded };
}
