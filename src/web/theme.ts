import { cell } from "../client/observable.ts";
import { remember, remembered } from "./memory.ts";

export type Theme = "system" | "light" | "dark";

const isTheme = (text: string | undefined): text is Theme => text === "light" || text === "dark";

const kept = remembered("theme");
export const theme = cell<Theme>(isTheme(kept) ? kept : "system");

export function chooseTheme(chosen: Theme): void {
  remember("theme", chosen === "system" ? undefined : chosen);
  theme.set(chosen);
  applyTheme();
}

export function applyTheme(): void {
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}
