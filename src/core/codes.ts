/**
 * The life of a mailed code, as a value: what is kept of it, what an answer or the wish for another one makes of it.
 * A challenge that has ended is `undefined`; who keeps it swaps the old value for the new one atomically, so that five
 * tries are five also when they are made at once, and a right code is right once.
 */
import type { Challenge, Flow } from "../protocol/auth.ts";
import { limits } from "../protocol/limits.ts";
import { keyedHashText, sameBytes } from "./secrets.ts";

/** What somebody wants to finish. */
export type FlowName = "register" | "login" | "reset" | "email" | "delete";
type FlowOf = { [K in Flow["kind"]]: Extract<Flow, { kind: K }> };

/** What a flow is a code for; one for a taken address is answered like one for a free one. */
export function finishedBy(flow: Flow): FlowName {
  if (flow.kind !== "taken") return flow.kind;
  return flow.user_id === undefined ? "register" : "email";
}

/** Where it is said who answers, the flow must be theirs. */
function isTheirs(flow: Flow, userId: string | undefined): boolean {
  return userId === undefined || ("user_id" in flow && flow.user_id === userId);
}

export function digitsOf(kind: Flow["kind"]): number {
  return kind === "reset" ? limits.resetCodeDigits : limits.codeDigits;
}

/** Wrong codes of a mailbox that one day bears. */
export function wrongCodesOf(name: FlowName): number {
  return name === "reset" ? limits.wrongResetCodes : limits.wrongCodes;
}

/** A code of so many digits, each as likely as any other: what would make some likelier is drawn again. */
export function newCode(digits: number, randomUint32: () => number): string {
  const codes = 10 ** digits;
  const fair = Math.floor(2 ** 32 / codes) * codes;
  let drawn = randomUint32();
  while (drawn >= fair) drawn = randomUint32();
  return String(drawn % codes).padStart(digits, "0");
}

export function codeHash(key: string, challengeId: string, code: string): string {
  return keyedHashText(key, "code", challengeId, code);
}

type NewChallenge = Pick<Challenge, "flow" | "language" | "code_hash" | "is_mailed">;

export function newChallenge(made: NewChallenge, now: number): Challenge {
  return { ...made, tries: 0, resends: 0, sent_at: now, expires_at: now + limits.challengeMs };
}

function isOver(challenge: Challenge, now: number): boolean {
  return now >= challenge.expires_at;
}

export type Answered<Name extends FlowName = FlowName> =
  | { outcome: "gone" }
  | { outcome: "wrong"; next: Challenge | undefined }
  | { outcome: "right"; flow: FlowOf[Name]; next: undefined };

/** What a code makes of a challenge. One of another flow, or of another user than is named, is gone and loses no try. */
export function answer<Name extends FlowName>(
  challenge: Challenge | undefined,
  name: Name,
  hash: string,
  now: number,
  userId?: string,
): Answered<Name> {
  if (!challenge || isOver(challenge, now)) return { outcome: "gone" };
  const { flow } = challenge;
  if (finishedBy(flow) !== name || !isTheirs(flow, userId)) return { outcome: "gone" };
  if (sameBytes(challenge.code_hash, hash) && challenge.is_mailed && isOf(flow, name)) {
    return { outcome: "right", flow, next: undefined };
  }
  const tries = challenge.tries + 1;
  return { outcome: "wrong", next: tries < limits.codeTries ? { ...challenge, tries } : undefined };
}

function isOf<Name extends FlowName>(flow: Flow, name: Name): flow is FlowOf[Name] {
  return flow.kind === name;
}

export type Resent = { outcome: "gone" } | { outcome: "early"; waitMs: number } | { outcome: "sent"; next: Challenge };

/** Whether another code may follow the last. It lives no longer than the challenge does, and its tries go on. */
export function resend(challenge: Challenge | undefined, now: number): Resent {
  if (!challenge || isOver(challenge, now)) return { outcome: "gone" };
  if (challenge.resends >= limits.codeResends) return { outcome: "early", waitMs: challenge.expires_at - now };
  const waitMs = challenge.sent_at + limits.codeResendAfterMs - now;
  if (waitMs > 0) return { outcome: "early", waitMs };
  return { outcome: "sent", next: { ...challenge, sent_at: now, resends: challenge.resends + 1 } };
}
