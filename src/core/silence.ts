/**
 * When a peer counts as gone. Times in ms; shares of the timeout add up to less than half of it, so that one who falls
 * silent is found within one and a half.
 */

/** When a peer was heard is noted this seldom: after sleep it may have been heard so much later than was noted. */
export function notedEveryMs(timeoutMs: number): number {
  return timeoutMs / 15;
}

export function isSilent(heardAt: number, timeoutMs: number, now: number): boolean {
  return now - heardAt >= timeoutMs;
}

/** When to look for somebody heard then: late enough to find others who fell silent a little later, too. */
export function lookAt(heardAt: number, timeoutMs: number): number {
  return heardAt + timeoutMs * 1.4;
}
