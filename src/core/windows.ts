/** Counting what may be done so often in a while: a window begins with its first and empties all at once. */
export interface Window {
  counted: number;
  /** ms since 1970 */
  endsAt: number;
}

export interface Allowance {
  limit: number;
  windowMs: number;
}

/** @returns the window after counting one more, or how long to wait: then nothing was counted */
export function countIn(
  window: Window | undefined,
  { limit, windowMs }: Allowance,
  now: number,
): { window: Window; waitMs: number } {
  const open = window && window.endsAt > now ? window : { counted: 0, endsAt: now + windowMs };
  if (open.counted >= limit) return { window: open, waitMs: open.endsAt - now };
  return { window: { ...open, counted: open.counted + 1 }, waitMs: 0 };
}

/** The window without one that was counted. */
export function uncountIn(window: Window): Window {
  return { ...window, counted: Math.max(0, window.counted - 1) };
}
