import { RedisError } from "./redis-store.ts";

const notInteger = "ERR value is not an integer or out of range";
const limit = 2n ** 63n;

export function integer(text: string, complaint = notInteger): number {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw new RedisError(complaint);
  const exact = BigInt(text);
  if (exact >= limit || exact < -limit) throw new RedisError(complaint);
  return Number(exact);
}

export function float(text: string): number {
  const word = text.toLowerCase();
  if (/^[+-]?inf(inity)?$/.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  if (text.trim() === "" || Number.isNaN(Number(text))) throw new RedisError("ERR value is not a valid float");
  return Number(text);
}

export function floatText(value: number): string {
  if (value === Infinity) return "inf";
  return value === -Infinity ? "-inf" : String(value);
}

/** A bound of ZRANGEBYSCORE and ZCOUNT: `5`, `(5`, `-inf`. */
export function scoreBound(text: string): { score: number; isOpen: boolean } {
  const isOpen = text.startsWith("(");
  const bare = isOpen ? text.slice(1) : text;
  if (!/^([+-]?inf|[+-]?\d+(\.\d+)?(e[+-]?\d+)?)$/i.test(bare)) throw new RedisError("ERR min or max is not a float");
  return { score: float(bare), isOpen };
}

/** First and end (exclusive) of a range as Redis counts it, from behind when negative. */
export function span(first: number, last: number, length: number): [number, number] {
  const place = (index: number) => (index < 0 ? Math.max(0, length + index) : index);
  return [place(first), last < 0 ? length + last + 1 : last + 1];
}

/** Pairs of a flat list. */
export function pairs(flat: string[], command: string): [string, string][] {
  if (flat.length === 0 || flat.length % 2 === 1) throw arity(command);
  return flat.flatMap((item, at) => (at % 2 === 0 ? [[item, flat[at + 1] ?? ""] as [string, string]] : []));
}

export function arity(command: string): RedisError {
  return new RedisError(`ERR wrong number of arguments for '${command.toLowerCase()}' command`);
}

export const syntax = () => new RedisError("ERR syntax error");

const literal = (character: string) => character.replace(/[\\^$.*+?()[\]{}|]/, "\\$&");

/** Redis's glob: `*`, `?`, `[a-c]`, `[^a]`, backslash. */
export function glob(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|\[(\^?)([^\]]*)\]|[\s\S]/g, (found, escaped, not, set) => {
    if (escaped !== undefined) return literal(escaped);
    if (set !== undefined) return `[${not}${set.replace(/[\\\]]/g, "\\$&")}]`;
    if (found === "*") return "[\\s\\S]*";
    return found === "?" ? "[\\s\\S]" : literal(found);
  });
  return new RegExp(`^${source}$`);
}

/**
 * Options after the fixed arguments: flags (`NX`), and words that take a value (`EX 10`).
 * @throws RedisError on any other word
 */
export function options(words: string[], flags: string[], valued: string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const word = (words[at] ?? "").toUpperCase();
    if (flags.includes(word)) found.set(word, "");
    else if (valued.includes(word) && at + 1 < words.length) found.set(word, words[++at] ?? "");
    else throw syntax();
  }
  return found;
}
