/** Mailed codes come back. */
import { connect } from "../connect.ts";
import { type Answered, answer, type FlowName, wrongCodesOf } from "../core/codes.ts";
import type { CodeAnswer } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { type AppContext, wrongField } from "./context.ts";
import { uncountAnyway } from "./counting.ts";
import { gone, hashOf, type Kept, keep, read, swap } from "./kept-challenges.ts";
import { wrongCodesBucket } from "./mailboxes.ts";

type FlowFinished<Name extends FlowName> = Extract<Answered<Name>, { outcome: "right" }>["flow"];

interface Shown {
  given: CodeAnswer;
  /** Whose flow it must be, where who answers is signed in. */
  userId?: string;
}

interface Answering<Name extends FlowName, T> extends Shown {
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
  { finish, ...shown }: Answering<Name, T>,
): Promise<T> {
  const { flow, kept } = await takeCounted(c, name, shown);
  try {
    return await finish(flow);
  } catch (error) {
    if (error instanceof Fault && error.code === "UNAVAILABLE") await keep(c, kept);
    throw error;
  }
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
async function takeCounted<Name extends FlowName>(c: AppContext, name: Name, shown: Shown): Promise<Taken<Name>> {
  const { given } = shown;
  const { flow } = (await read(c, given.challenge)).challenge;
  const bucket = wrongCodesBucket(c, name, flow.email);
  const waitMs = await connect(c.env).cache.count(bucket, wrongCodesOf(name), limits.wrongCodesWindowMs);
  try {
    const taken = await take(c, name, waitMs === 0 ? shown : { ...shown, given: { ...given, code: noCode } });
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
async function take<Name extends FlowName>(c: AppContext, name: Name, { given, userId }: Shown): Promise<Taken<Name>> {
  const hash = hashOf(c, given);
  for (;;) {
    const kept = await read(c, given.challenge);
    const answered = answer(kept.challenge, name, hash, Date.now(), userId);
    if (answered.outcome === "gone") throw gone();
    if (!(await swap(c, kept, answered.next))) continue;
    if (answered.outcome === "right") return { flow: answered.flow, kept };
    throw wrongField("code", "is wrong");
  }
}
