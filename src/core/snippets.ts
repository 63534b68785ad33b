/** What is shown of a message that was found. Plain text and places in it: nothing a page would take for markup of ours. */
import { limits } from "../protocol/limits.ts";
import type { Highlight, Snippet } from "../protocol/messages.ts";
import type { Phrase, SearchQuery } from "../protocol/search.ts";
import { type Word, wordsOf } from "./search-query.ts";

/**
 * @param forms words, as they are compared, that are words of the query in another form
 * @returns the text around the first of the words that were asked for, and where they stand in it
 */
export function snippetOf(content: string, query: SearchQuery, forms: Iterable<string>): Snippet {
  const words = wordsOf(content);
  const marks = marked(words, query, new Set([...forms, ...query.words]));
  const { start, end } = windowOf(content, words, marks[0]);
  const head = start > 0 ? "…" : "";
  const tail = end < content.length ? "…" : "";
  const highlights = marks
    .filter((mark) => mark.start >= start && mark.start + mark.length <= end)
    .map((mark) => ({ start: mark.start - start + head.length, length: mark.length }));
  return { text: head + content.slice(start, end) + tail, highlights };
}

function marked(words: Word[], { prefix, phrases }: SearchQuery, forms: Set<string>): Highlight[] {
  const marks: Highlight[] = [];
  for (let at = 0; at < words.length; ) {
    const phrase = phrases.find((one) => isAt(words, at, one));
    const isWord = isOneOf(words[at]?.word ?? "", forms, prefix);
    const length = phrase?.words.length ?? Number(isWord);
    if (length > 0) marks.push(spanOf(words.slice(at, at + length)));
    at += Math.max(1, length);
  }
  return marks;
}

function isOneOf(word: string, forms: Set<string>, prefix: string | undefined): boolean {
  return forms.has(word) || (prefix !== undefined && word.startsWith(prefix));
}

function isAt(words: Word[], at: number, phrase: Phrase): boolean {
  return phrase.words.every((sought, index) => {
    const word = words[at + index]?.word;
    const isHalf = phrase.isOpen && index === phrase.words.length - 1;
    return isHalf ? word?.startsWith(sought) : word === sought;
  });
}

function spanOf(words: Word[]): Highlight {
  const start = words[0]?.start ?? 0;
  return { start, length: (words.at(-1)?.end ?? start) - start };
}

/** Ends between words, so that no character is cut in two; a word too long for it is shown whole. */
function windowOf(content: string, words: Word[], first: Highlight = { start: 0, length: 0 }) {
  const isNear = first.start <= limits.snippetBefore;
  const start = isNear ? 0 : (words.find((word) => word.start >= first.start - limits.snippetBefore)?.start ?? 0);
  const most = start + limits.snippetLength;
  if (content.length <= most) return { start, end: content.length };
  const last = words.findLast((word) => word.end <= most)?.end ?? 0;
  const shown = Math.max(last, first.start + first.length);
  return { start, end: shown > start ? shown : content.length };
}
