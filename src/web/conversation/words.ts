/** What is in a message's text: links, emoji, how long it is. */

export type Part = { kind: "text"; text: string } | { kind: "link"; text: string; href: string };

const link = /\b(?:https?:\/\/|www\.)[^\s<>"]+/giu;
/** Marks that end a sentence, not an address. */
const trailing = /[.,:;!?'"»”…\]]+$/u;

export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(link)) {
    const address = trimmed(found);
    const href = hrefOf(address);
    if (!href) continue;
    if (index > end) parts.push({ kind: "text", text: text.slice(end, index) });
    parts.push({ kind: "link", text: address, href });
    end = index + address.length;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

/** Without the marks after it; a bracket stays where it was opened in the address. */
function trimmed(found: string): string {
  const bare = found.replace(trailing, "");
  if (!bare.endsWith(")") || count(bare, "(") >= count(bare, ")")) return bare;
  return trimmed(bare.slice(0, -1));
}

const count = (text: string, mark: string) => text.split(mark).length - 1;

function hrefOf(address: string): string | undefined {
  const url = URL.parse(/^www\./i.test(address) ? `https://${address}` : address);
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

const mostBig = 3;
const mostUnits = 64; // the longest emoji has some 30
const segmenter = new Intl.Segmenter();
const oneEmoji = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic})$/v;

/** One to three emoji and nothing else are shown large. */
export function isBigEmoji(text: string): boolean {
  if (text.length > mostUnits || /\p{L}/u.test(text)) return false; // nearly all there is
  const shown = [...segmenter.segment(text.replaceAll(/\s/g, ""))].map(({ segment }) => segment);
  return shown.length > 0 && shown.length <= mostBig && shown.every((one) => oneEmoji.test(one));
}

/** Of a message's text, in code points. */
export const mostLength = 4_000;

export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
