import { remember, remembered } from "./memory.ts";

export const narrowest = 260;
export const widest = 420;
const usual = 320;

/** @returns whole pixels within what is allowed; as usual for what is no number */
export function fittingWidth(px: number): number {
  return Number.isFinite(px) ? Math.round(Math.min(widest, Math.max(narrowest, px))) : usual;
}

export const keptWidth = (): number => fittingWidth(Number(remembered("list-width") ?? usual));
export const keepWidth = (px: number): void => remember("list-width", String(px));
