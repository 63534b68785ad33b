import { limits } from "../protocol/limits.ts";

/**
 * How long to wait before try number `attempt` (1 for the first repeat): doubling, with half of it left to chance so
 * that many who failed together do not come back together.
 * @param chance in [0, 1)
 * @param mostMs the longest wait
 */
export function backoffMs(attempt: number, chance: number, mostMs: number = limits.backoffMostMs): number {
  const whole = Math.min(mostMs, limits.backoffFirstMs * 2 ** (attempt - 1));
  return Math.round(whole / 2 + (whole / 2) * chance);
}
