/** A code in its boxes, as a value: what typing, pasting and erasing make of it. An empty box is "". */
export type Digits = readonly string[];

export interface Placed {
  digits: Digits;
  /** The box to go on in. */
  at: number;
}

export const noDigits = (count: number): Digits => Array.from({ length: count }, () => "");

/** What a box holds after a key, a paste or the keyboard's suggestion: fills it and those behind it. */
export function typed(digits: Digits, at: number, text: string): Placed {
  const found = fresh(digits[at] ?? "", text.replace(/\D/g, ""));
  const start = found.length >= digits.length ? 0 : at;
  const next = digits.map((digit, place) => found[place - start] ?? digit);
  return { digits: next, at: Math.min(start + found.length, digits.length - 1) };
}

/** A key in a box that is full gives both digits, in either order: the new one counts. */
function fresh(before: string, found: string): string {
  if (before === "" || found.length !== 2) return found;
  return found.startsWith(before) ? found.slice(1) : found.slice(0, 1);
}

/** Takes the digit of the box, or of the one before where it is empty. */
export function erased(digits: Digits, at: number): Placed {
  const from = digits[at] === "" ? Math.max(0, at - 1) : at;
  return { digits: digits.with(from, ""), at: from };
}

/** The code, once each box has its digit. */
export function wholeCode(digits: Digits): string | undefined {
  return digits.includes("") ? undefined : digits.join("");
}
