/** Codes are mailed. What may happen to a challenge `core/codes.ts` says. */
import { digitsOf, newChallenge, newCode, resend } from "../core/codes.ts";
import { letterOf } from "../core/letters.ts";
import { base64url } from "../core/secrets.ts";
import type { Challenge, Flow, PendingCode } from "../protocol/auth.ts";
import { isoTime } from "../protocol/ids.ts";
import type { Settings } from "../protocol/users.ts";
import type { AppContext } from "./context.ts";
import { gone, hashOf, keep, read, swap } from "./kept-challenges.ts";
import { languageFor, sendLater } from "./letters.ts";
import { mayMail } from "./mailboxes.ts";
import { tooOften } from "./throttle.ts";

function randomUint32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

function mailLater(c: AppContext, { flow, language }: Challenge, code: string): void {
  sendLater(c, letterOf(flow.kind, flow.email, language, code));
}

function pending(challengeId: string, challenge: Challenge): PendingCode {
  return { challenge: challengeId, expires_at: isoTime(challenge.expires_at) };
}

/**
 * Opens a challenge and mails its code; where no letter may leave, the answer is the same and no code is right.
 * @param settings of the account it is about, if there is one
 */
export async function openChallenge(c: AppContext, flow: Flow, settings?: Settings): Promise<PendingCode> {
  const challengeId = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const code = newCode(digitsOf(flow.kind), randomUint32);
  const code_hash = hashOf(c, { challenge: challengeId, code });
  const is_mailed = await mayMail(c, flow);
  const challenge = newChallenge({ flow, language: languageFor(c, settings), code_hash, is_mailed }, Date.now());
  await keep(c, { id: challengeId, challenge });
  if (is_mailed) mailLater(c, challenge, code);
  return pending(challengeId, challenge);
}

/**
 * Mails another code in place of the last; where no letter may leave, the last stays in force and the answer is the same.
 * @throws Fault GONE, RATE_LIMIT_EXCEEDED
 */
export async function resendChallenge(c: AppContext, challenge: string): Promise<PendingCode> {
  const { flow, is_mailed, code_hash } = await countResend(c, challenge);
  const code = newCode(digitsOf(flow.kind), randomUint32);
  const isMailed = (await mayMail(c, flow)) && is_mailed;
  const next = await replaceCode(c, challenge, isMailed ? hashOf(c, { challenge, code }) : code_hash);
  if (isMailed) mailLater(c, next, code);
  return pending(challenge, next);
}

/** Of those who ask at once one may go on. */
async function countResend(c: AppContext, challengeId: string): Promise<Challenge> {
  for (;;) {
    const seen = await read(c, challengeId);
    const resent = resend(seen.challenge, Date.now());
    if (resent.outcome === "gone") throw gone();
    if (resent.outcome === "early") throw tooOften(resent.waitMs, "A code was sent already: wait before asking again");
    if (await swap(c, seen, resent.next)) return resent.next;
  }
}

/** Whatever is tried meanwhile: five tries at most. */
async function replaceCode(c: AppContext, challengeId: string, code_hash: string): Promise<Challenge> {
  for (;;) {
    const seen = await read(c, challengeId);
    const next = { ...seen.challenge, code_hash };
    if (await swap(c, seen, next)) return next;
  }
}
