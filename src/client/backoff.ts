const firstMs = 500;
const mostMs = 30_000;

/**
 * How long to wait before another try: full jitter, so that many who were cut off together do not come back together.
 * @param attempt 0 for the first repeat
 * @param chance in [0, 1)
 * @param floorMs what the server asked for; chance comes on top
 */
export function backoffMs(attempt: number, chance: number, floorMs = 0): number {
  return floorMs + chance * Math.min(mostMs, firstMs * 2 ** attempt);
}

export const jitter = (attempt: number, floorMs?: number) => backoffMs(attempt, Math.random(), floorMs);
