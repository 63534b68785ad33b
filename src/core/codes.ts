/**
 * The life of a mailed code, as a value: what is kept of it, what an answer or the wish for another one makes of it.
 * A challenge that has ended is `undefined`; who keeps it swaps the old value for the new one atomically, so that five
 * tries are five also when they are made at once, and a right code is right once.
 */
import type { Challenge, Flow } from "../protocol/auth.ts";
import { limits } from "../protocol/limits.ts";
import { keyedHashText, sameBytes } from "./secrets.ts";

/** How a flow is finished; a taken address is answered like a free one. */
export type FlowName = "register" | "login";

/** A code of six digits, each as likely as any other: what would make some likelier is drawn again. */
export function newCode(randomUint32: () => number): string {
  const codes = 10 ** limits.codeDigits;
  const fair = Math.floor(2 ** 32 / codes) * codes;
  let drawn = randomUint32();
  while (drawn >= fair) drawn = randomUint32();
  return String(drawn % codes).padStart(limits.codeDigits, "0");
}

export function codeHash(key: string, challengeId: string, code: string): string {
  return keyedHashText(key, "code", challengeId, code);
}

export function newChallenge(flow: Flow, hash: string, now: number): Challenge {
  return { flow, code_hash: hash, tries: 0, resends: 0, sent_at: now, expires_at: now + limits.challengeMs };
}

function finishes(flow: Flow, name: FlowName): boolean {
  return name === "login" ? flow.kind === "login" : flow.kind !== "login";
}

function isOver(challenge: Challenge, now: number): boolean {
  return now >= challenge.expires_at;
}

export type Answered =
  | { outcome: "gone" }
  | { outcome: "wrong"; next: Challenge | undefined }
  | { outcome: "right"; flow: Flow; next: undefined };

/** What a code makes of a challenge. One of another flow is gone and loses no try. */
export function answer(challenge: Challenge | undefined, name: FlowName, hash: string, now: number): Answered {
  if (!challenge || isOver(challenge, now) || !finishes(challenge.flow, name)) return { outcome: "gone" };
  const isRight = sameBytes(challenge.code_hash, hash);
  if (isRight && challenge.flow.kind !== "taken") return { outcome: "right", flow: challenge.flow, next: undefined };
  const tries = challenge.tries + 1;
  return { outcome: "wrong", next: tries < limits.codeTries ? { ...challenge, tries } : undefined };
}

export type Resent = { outcome: "gone" } | { outcome: "early"; waitMs: number } | { outcome: "sent"; next: Challenge };

/** Another code in place of the last. It lives no longer than the challenge did, and its tries go on. */
export function resend(challenge: Challenge | undefined, hash: string, now: number): Resent {
  if (!challenge || isOver(challenge, now)) return { outcome: "gone" };
  if (challenge.resends >= limits.codeResends) return { outcome: "early", waitMs: challenge.expires_at - now };
  const waitMs = challenge.sent_at + limits.codeResendAfterMs - now;
  if (waitMs > 0) return { outcome: "early", waitMs };
  return { outcome: "sent", next: { ...challenge, code_hash: hash, sent_at: now, resends: challenge.resends + 1 } };
}
