/** Days and sizes in words. */
import type { Language } from "../texts/text.ts";
import { clockTime, daysBetween, regional } from "../times.ts";

/** Today and yesterday by name, the year only where it is another. */
export function dayText(language: Language, day: Date, now: Date): string {
  const days = daysBetween(day, now);
  if (days === 0 || days === 1) {
    const word = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day");
    return word.charAt(0).toLocaleUpperCase(language) + word.slice(1);
  }
  const isThisYear = day.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(regional(language), {
    ...{ day: "numeric", month: "long" },
    ...(!isThisYear && { year: "numeric" }),
  }).format(day);
}

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function sizeText(language: Language, bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1024)));
  const maximumFractionDigits = power > 1 ? 1 : 0;
  const unitDisplay = power === 0 ? "long" : "short"; // short, English says "5 byte"
  const form = { style: "unit", unit: units[power] ?? "byte", unitDisplay, maximumFractionDigits } as const;
  return new Intl.NumberFormat(language, form).format(bytes / 1024 ** power);
}

const hourMinutes = 60;

/** When somebody was there last: minutes ago, at a time of today, or on a day. */
export function seenText(language: Language, seen: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - seen.getTime()) / 60_000);
  if (minutes < hourMinutes)
    return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-Math.max(1, minutes), "minute");
  const time = clockTime(seen, language);
  return daysBetween(seen, now) === 0 ? time : `${dayText(language, seen, now).toLocaleLowerCase(language)}, ${time}`;
}
