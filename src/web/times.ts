/** Times as people say them, in their language and where they are. */
import type { Language } from "./texts/text.ts";

const dayMs = 24 * 60 * 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format takes longer than all its uses: one of each kind is kept. */
function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const kept = formats.get(key) ?? new Intl.DateTimeFormat(regional(language), options);
  formats.set(key, kept);
  return kept;
}

/** As the browser has it, where that is the same language: what the clock shows is another in London than in New York. */
export const regional = (language: Language): string =>
  navigator.languages.find((name) => name.split("-")[0] === language) ?? language;

export const clockTime = (time: Date, language: Language): string =>
  format(language, { timeStyle: "short" }).format(time);

/** As a list has room for: today its time, within a week the weekday, else the date. */
export function shortTime(time: Date, now: Date, language: Language): string {
  const days = daysBetween(time, now);
  if (days === 0) return clockTime(time, language);
  if (days > 0 && days < 7) return format(language, { weekday: "short" }).format(time);
  const isThisYear = time.getFullYear() === now.getFullYear();
  return format(language, { day: "numeric", month: "short", ...(!isThisYear && { year: "numeric" }) }).format(time);
}

export const dateAndTime = (time: Date, language: Language): string =>
  format(language, { dateStyle: "long", timeStyle: "short" }).format(time);

export const longDate = (time: Date, language: Language): string =>
  format(language, { dateStyle: "long" }).format(time);

/** Midnights between two times, as the calendar here has them; negative where the first is the later. */
export function daysBetween(time: Date, now: Date): number {
  return Math.round((midnight(now) - midnight(time)) / dayMs);
}

const midnight = (time: Date) => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
