/** Mailed codes come back. */
import { type Answered, answer, type FlowName } from "../core/codes.ts";
import type { CodeAnswer } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import { type AppContext, wrongField } from "./context.ts";
import { gone, hashOf, type Kept, keep, read, swap } from "./kept-challenges.ts";
import { countWrongCode } from "./mailboxes.ts";

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
  const { flow, kept } = await take(c, name, shown);
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

/**
 * Takes the challenge of a right code. Where somebody else was faster it is read and judged anew: each such round used up
 * a try or a resend, so there are only so many.
 */
async function take<Name extends FlowName>(c: AppContext, name: Name, { given, userId }: Shown): Promise<Taken<Name>> {
  const hash = hashOf(c, given);
  for (;;) {
    const kept = await read(c, given.challenge);
    const answered = answer(kept.challenge, name, hash, Date.now(), userId);
    if (answered.outcome === "gone") throw gone();
    if (!(await swap(c, kept, answered.next))) continue;
    if (answered.outcome === "right") return { flow: answered.flow, kept };
    await countWrongCode(c, name, kept.challenge);
    throw wrongField("code", "is wrong");
  }
}
