import { z } from "zod";

const control = /[\p{Cc}\p{Cs}]/u; // control characters, NUL among them, and halves of surrogate pairs
const controlButLayout = /(?![\t\n\r])[\p{Cc}\p{Cs}]/u;
const direction = /[\u202A-\u202E\u2066-\u2069]/u; // would turn the text around a name
const visible = /[^\s\p{C}\p{Z}\u2800\u3164\uFFA0\u115F\u1160]/u;

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function bounded(most: number) {
  return z.string().refine((text) => text.length <= most || codePoints(text) <= most, {
    error: `must be at most ${most} characters`,
    abort: true,
  });
}

/** One line a person reads: a name, a title. Trimmed, not blank, without control characters. */
export function line(most: number) {
  return bounded(most)
    .trim()
    .refine((text) => !control.test(text) && !direction.test(text), { error: "must not hold control characters" })
    .refine((text) => visible.test(text), { error: "must not be blank" });
}

/** Text of several lines, kept as it was sent; it may be empty. */
export function prose(most: number) {
  return bounded(most).refine((text) => !controlButLayout.test(text), { error: "must not hold control characters" });
}

/** Whether there is anything to be seen in it. */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}

/** {@link prose} that says something. */
export function words(most: number) {
  return prose(most).refine((text) => !isBlank(text), { error: "must not be blank" });
}

/** Undefined: it is no JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
