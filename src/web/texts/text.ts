/** What people read, in their language: one table, by area. A text may name what is put in, `{name}`; `count` chooses a plural. */
import { cell } from "../../client/observable.ts";
import { remember, remembered } from "../memory.ts";
import { useValue } from "../ui/hooks.ts";
import { common } from "./common.ts";
import { conversation } from "./conversation.ts";
import { details } from "./details.ts";
import { list } from "./list.ts";
import { settings } from "./settings.ts";
import { signIn } from "./sign-in.ts";
import type { Text } from "./tables.ts";

const areas = { common, conversation, details, list, settings, signIn };
type Areas = typeof areas;
export type TextKey = { [A in keyof Areas]: `${A}.${keyof Areas[A]["en"] & string}` }[keyof Areas];

export type Language = "en" | "ru";
const isLanguage = (text: string | undefined): text is Language => text === "en" || text === "ru";

const kept = remembered("language");
const preferred = navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage);
export const language = cell<Language>(isLanguage(kept) ? kept : (preferred ?? "en"));
language.subscribe(markPage);
markPage(language.value);

export function chooseLanguage(chosen: Language): void {
  remember("language", chosen);
  language.set(chosen);
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
