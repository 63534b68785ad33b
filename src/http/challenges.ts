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
  wrongCodesOf,
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
import { uncountAnyway } from "./counting.ts";
import { languageFor, sendLater } from "./letters.ts";
import { mayMail, wrongCodesBucket } from "./mailboxes.ts";
import { tooOften } from "./throttle.ts";

function randomUint32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** Where a challenge is kept: who reads the cache cannot answer what they find there. */
function placeOf(c: AppContext, challengeId: string): string {
  return `challenge:${keyedHashText(connect(c.env).config.CODE_KEY, "challenge", challengeId)}`;
}

function hashOf(c: AppContext, { challenge, code }: CodeAnswer): string {
  return codeHash(connect(c.env).config.CODE_KEY, challenge, code);
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
  await connect(c.env).cache.put(placeOf(c, challengeId), JSON.stringify(challenge), limits.challengeMs);
  if (is_mailed) mailLater(c, challenge, code);
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

interface Answering<Name extends FlowName, T> {
  given: CodeAnswer;
  /** Whose flow it must be, where who answers is signed in. */
  userId?: string;
  /** What the code is for. */
  finish(flow: FlowFinished<Name>): Promise<T>;
}

/**
 * Finishes the flow of a right code, once. Where that could not be done because a backend is away, the code is as good as
 * before.
 * @throws Fault GONE, INVALID_CONTENT, and what `finish` throws
 */
export async function answerChallenge<Name extends FlowName, T>(
  c: AppContext,
  name: Name,
  { given, userId, finish }: Answering<Name, T>,
): Promise<T> {
  const { flow, kept } = await takeCounted(c, name, given, userId);
  try {
    return await finish(flow);
  } catch (error) {
    if (error instanceof Fault && error.code === "UNAVAILABLE") await putBack(c, given, kept);
    throw error;
  }
}

/** @throws Fault UNAVAILABLE where the cache is away, too */
async function putBack(c: AppContext, given: CodeAnswer, { text, challenge }: Kept): Promise<void> {
  const lifeMs = challenge.expires_at - Date.now();
  if (lifeMs > 0) await connect(c.env).cache.put(placeOf(c, given.challenge), text, lifeMs);
}

interface Taken<Name extends FlowName> {
  flow: FlowFinished<Name>;
  /** As it was until now. */
  kept: Kept;
}

/** Right for no challenge. */
const noCode = "";

/**
 * Takes the challenge of a right code. Each code is counted before it is judged, so that those tried at once are counted,
 * too; beyond the day's wrong ones none is right.
 */
async function takeCounted<Name extends FlowName>(
  c: AppContext,
  name: Name,
  given: CodeAnswer,
  userId: string | undefined,
): Promise<Taken<Name>> {
  const { flow } = (await read(c, placeOf(c, given.challenge))).challenge;
  const bucket = wrongCodesBucket(c, name, flow.email);
  const waitMs = await connect(c.env).cache.count(bucket, wrongCodesOf(name), limits.wrongCodesWindowMs);
  try {
    const taken = await take(c, name, { ...given, code: waitMs === 0 ? given.code : noCode }, userId);
    await uncountAnyway(c, bucket);
    return taken;
  } catch (error) {
    // Nothing was judged.
    if (waitMs === 0 && error instanceof Fault && error.code === "GONE") await uncountAnyway(c, bucket);
    throw error;
  }
}

/**
 * Where somebody else was faster the challenge is read and judged anew: each such round used up a try or a resend, so
 * there are only so many.
 */
async function take<Name extends FlowName>(
  c: AppContext,
  name: Name,
  given: CodeAnswer,
  userId: string | undefined,
): Promise<Taken<Name>> {
  const place = placeOf(c, given.challenge);
  const hash = hashOf(c, given);
  for (;;) {
    const kept = await read(c, place);
    const answered = answer(kept.challenge, name, hash, Date.now(), userId);
    if (answered.outcome === "gone") throw gone();
    if (!(await swap(c, place, kept, answered.next))) continue;
    if (answered.outcome === "right") return { flow: answered.flow, kept };
    throw new Fault("INVALID_CONTENT", "The code is wrong", { errors: [{ path: "code", message: "is wrong" }] });
  }
}

/**
 * Mails another code in place of the last; where no letter may leave, the last stays in force and the answer is the same.
 * @throws Fault GONE, RATE_LIMIT_EXCEEDED
 */
export async function resendChallenge(c: AppContext, challenge: string): Promise<PendingCode> {
  const place = placeOf(c, challenge);
  const { flow, is_mailed, code_hash } = await countResend(c, place);
  const code = newCode(digitsOf(flow.kind), randomUint32);
  const isMailed = (await mayMail(c, flow)) && is_mailed;
  const next = await replaceCode(c, place, isMailed ? hashOf(c, { challenge, code }) : code_hash);
  if (isMailed) mailLater(c, next, code);
  return pending(challenge, next);
}

/** Of those who ask at once one may go on. */
async function countResend(c: AppContext, place: string): Promise<Challenge> {
  for (;;) {
    const seen = await read(c, place);
    const resent = resend(seen.challenge, Date.now());
    if (resent.outcome === "gone") throw gone();
    if (resent.outcome === "early") throw tooOften(resent.waitMs, "A code was sent already: wait before asking again");
    if (await swap(c, place, seen, resent.next)) return resent.next;
  }
}

/** Whatever is tried meanwhile: five tries at most. */
async function replaceCode(c: AppContext, place: string, code_hash: string): Promise<Challenge> {
  for (;;) {
    const seen = await read(c, place);
    const next = { ...seen.challenge, code_hash };
    if (await swap(c, place, seen, next)) return next;
  }
}
