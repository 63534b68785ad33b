/** What people read, in their language: one table, by area. A text may name what is put in, `{name}`; `count` chooses a plural. */
import { cell } from "../../client/observable.ts";
import { remember, remembered } from "../memory.ts";
import { useValue } from "../ui/hooks.ts";
import { codes } from "./codes.ts";
import { common } from "./common.ts";
import { conversation } from "./conversation.ts";
import { details } from "./details.ts";
import { join } from "./join.ts";
import { list } from "./list.ts";
import { settings } from "./settings.ts";
import { signIn } from "./sign-in.ts";
import type { Text } from "./tables.ts";

const areas = { codes, common, conversation, details, join, list, settings, signIn };
type Areas = typeof areas;
export type TextKey = { [A in keyof Areas]: `${A}.${keyof Areas[A]["en"] & string}` }[keyof Areas];

export type Language = "en" | "ru";
const isLanguage = (text: string | undefined): text is Language => text === "en" || text === "ru";

/** What was chosen; `system` is what the browser prefers. */
export type LanguageChoice = Language | "system";

const kept = remembered("language");
export const languageChoice = cell<LanguageChoice>(isLanguage(kept) ? kept : "system");
export const language = cell<Language>(languageOf(languageChoice.value));
language.subscribe(markPage);
markPage(language.value);
addEventListener("languagechange", () => language.set(languageOf(languageChoice.value)));

export function chooseLanguage(chosen: LanguageChoice): void {
  remember("language", chosen === "system" ? undefined : chosen);
  languageChoice.set(chosen);
  language.set(languageOf(chosen));
}

function languageOf(choice: LanguageChoice): Language {
  if (choice !== "system") return choice;
  return navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage) ?? "en";
}

export type Say = (key: TextKey, given?: Record<string, string | number>) => string;

/** Texts in the language of now; who uses it is drawn again when that changes. */
export function useText(): Say {
  const chosen = useValue(language);
  return (key, given) => say(chosen, key, given);
}

function say(chosen: Language, key: TextKey, given: Record<string, string | number> = {}): string {
  const text = lookUp(chosen, key);
  const form = typeof text === "string" ? text : (text[plural(chosen, Number(given.count))] ?? text.other);
  return form.replace(/\{(\w+)\}/g, (_, name: string) => shown(chosen, given[name]));
}

function lookUp(chosen: Language, key: TextKey): Text {
  const dot = key.indexOf(".");
  const area: Record<Language, Record<string, Text>> = areas[key.slice(0, dot) as keyof Areas];
  return area[chosen][key.slice(dot + 1)] ?? key;
}

const plural = (chosen: Language, count: number) => new Intl.PluralRules(chosen).select(count);
const shown = (chosen: Language, value: string | number | undefined) =>
  typeof value === "number" ? new Intl.NumberFormat(chosen).format(value) : (value ?? "");

function markPage(chosen: Language): void {
  document.documentElement.lang = chosen;
}
