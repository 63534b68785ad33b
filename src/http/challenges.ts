/** Mailed codes: the one place where a challenge is kept, asked and answered. What may happen to it `core/codes.ts` says. */
import { connect } from "../connect.ts";
import {
  type Answered,
  answer,
  codeHash,
  digitsOf,
  type FlowName,
  newChallenge,
  newCode,
  resend,
} from "../core/codes.ts";
import { letterOf } from "../core/letters.ts";
import { base64url, keyedHashText } from "../core/secrets.ts";
import {
  type Challenge,
  type CodeAnswer,
  challenge as challengeSchema,
  type Flow,
  type PendingCode,
} from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { Settings } from "../protocol/users.ts";
import type { AppContext } from "./context.ts";
import { languageFor, sendLater } from "./letters.ts";
import { tooOften } from "./throttle.ts";

function randomUint32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** Where a challenge is kept: who reads the cache cannot answer what they find there. */
function placeOf(c: AppContext, challengeId: string): string {
  return `challenge:${keyedHashText(connect(c.env).config.CODE_KEY, "challenge", challengeId)}`;
}

/** What only the owner of an account can ask for: with its password, or signed in to it. */
const isProven: Partial<Record<Flow["kind"], true>> = { login: true, delete: true };

/**
 * Counts a letter to a mailbox. Letters anybody can cause count apart from those that only its owner can: a stranger
 * cannot use up what somebody needs to sign in.
 */
async function mayMail(c: AppContext, flow: Flow): Promise<boolean> {
  const { cache, config } = connect(c.env);
  const cause = isProven[flow.kind] ? "proven" : "open";
  const mailbox = keyedHashText(config.CODE_KEY, "mailbox", flow.email);
  const waitMs = await cache.count(`mail:${cause}:${mailbox}`, limits.mailsPerMailbox, limits.mailWindowMs);
  if (flow.kind !== "reset") return waitMs === 0;
  const wrong = await cache.counted(wrongResets(c, flow.email));
  return waitMs === 0 && wrong < limits.wrongResetCodes && flow.user_id !== null;
}

/** Where the wrong reset codes of an account are counted, over all its challenges. */
function wrongResets(c: AppContext, email: string): string {
  return `reset-wrong:${keyedHashText(connect(c.env).config.CODE_KEY, "mailbox", email)}`;
}

function mailLater(c: AppContext, { flow, language }: Challenge, code: string): void {
  sendLater(c, letterOf(flow.kind, flow.email, language, code));
}

function pending(challengeId: string, challenge: Challenge): PendingCode {
  return { challenge: challengeId, expires_at: isoTime(challenge.expires_at) };
}

/**
 * Opens a challenge and mails its code; beyond the mailbox's limit the answer is the same and no letter leaves.
 * @param settings of the account it is about, if there is one
 */
export async function openChallenge(c: AppContext, flow: Flow, settings?: Settings): Promise<PendingCode> {
  const { cache, config } = connect(c.env);
  const challengeId = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const code = newCode(digitsOf(flow.kind), randomUint32);
  const hash = codeHash(config.CODE_KEY, challengeId, code);
  const challenge = newChallenge(flow, languageFor(c, settings), hash, Date.now());
  const isMailed = await mayMail(c, flow);
  await cache.put(placeOf(c, challengeId), JSON.stringify(challenge), limits.challengeMs);
  if (isMailed) mailLater(c, challenge, code);
  return pending(challengeId, challenge);
}

interface Kept {
  text: string;
  challenge: Challenge;
}

const gone = () => new Fault("GONE", "The code has expired, was used, or was tried too often: start again");

async function read(c: AppContext, place: string): Promise<Kept> {
  const text = await connect(c.env).cache.read(place);
  if (text === undefined) throw gone();
  // One that an older version kept in another form has ended.
  const kept = challengeSchema.safeParse(JSON.parse(text));
  if (!kept.success) throw gone();
  return { text, challenge: kept.data };
}

async function swap(c: AppContext, place: string, seen: Kept, next: Challenge | undefined): Promise<boolean> {
  const replacement = next && { value: JSON.stringify(next), lifeMs: next.expires_at - Date.now() };
  return await connect(c.env).cache.swap(place, seen.text, replacement);
}

type FlowFinished<Name extends FlowName> = Extract<Answered<Name>, { outcome: "right" }>["flow"];

/**
 * The flow that a right code finishes, once. Where somebody else was faster the challenge is read and judged anew: each
 * such round used up a try or a resend, so there are only so many.
 * @param userId whose flow it must be, where who answers is signed in
 * @throws Fault GONE, INVALID_CONTENT
 */
export async function answerChallenge<Name extends FlowName>(
  c: AppContext,
  name: Name,
  given: CodeAnswer,
  userId?: string,
): Promise<FlowFinished<Name>> {
  const place = placeOf(c, given.challenge);
  const hash = codeHash(connect(c.env).config.CODE_KEY, given.challenge, given.code);
  for (;;) {
    const seen = await read(c, place);
    const answered = answer(seen.challenge, name, hash, Date.now(), userId);
    if (answered.outcome === "gone") throw gone();
    if (!(await swap(c, place, seen, answered.next))) continue;
    if (answered.outcome === "right") return answered.flow;
    throw new Fault("INVALID_CONTENT", "The code is wrong", { errors: [{ path: "code", message: "is wrong" }] });
  }
}

/**
 * A reset that a right code finishes, as {@link answerChallenge}. Each code is counted before it is judged, so that those
 * tried at once are counted, too; beyond the day's wrong ones none is right.
 * @throws Fault GONE, INVALID_CONTENT
 */
export async function answerReset(c: AppContext, given: CodeAnswer): Promise<FlowFinished<"reset">> {
  const { flow } = (await read(c, placeOf(c, given.challenge))).challenge;
  if (flow.kind !== "reset") throw gone();
  const { cache } = connect(c.env);
  const bucket = wrongResets(c, flow.email);
  const waitMs = await cache.count(bucket, limits.wrongResetCodes, limits.wrongResetWindowMs);
  try {
    const right = await answerChallenge(c, "reset", { ...given, code: waitMs === 0 ? given.code : noCode });
    await cache.uncount(bucket);
    return right;
  } catch (error) {
    // Nothing was judged.
    if (waitMs === 0 && error instanceof Fault && error.code === "GONE") await cache.uncount(bucket);
    throw error;
  }
}

/** Right for no challenge. */
const noCode = "";

/** Mails another code in place of the last. @throws Fault GONE, RATE_LIMIT_EXCEEDED */
export async function resendChallenge(c: AppContext, challengeId: string): Promise<PendingCode> {
  const place = placeOf(c, challengeId);
  for (;;) {
    const seen = await read(c, place);
    const code = newCode(digitsOf(seen.challenge.flow.kind), randomUint32);
    const hash = codeHash(connect(c.env).config.CODE_KEY, challengeId, code);
    const resent = resend(seen.challenge, hash, Date.now());
    if (resent.outcome === "gone") throw gone();
    if (resent.outcome === "early") throw tooOften(resent.waitMs, "A code was sent already: wait before asking again");
    if (!(await swap(c, place, seen, resent.next))) continue;
    if (await mayMail(c, resent.next.flow)) mailLater(c, resent.next, code);
    return pending(challengeId, resent.next);
  }
}
