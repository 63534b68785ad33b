/** What is counted of a mailbox, without its name: letters that went to it, and wrong codes. */
import { connect } from "../connect.ts";
import { type FlowName, finishedBy, wrongCodesOf } from "../core/codes.ts";
import { keyedHashText } from "../core/secrets.ts";
import type { Challenge, Flow } from "../protocol/auth.ts";
import { limits } from "../protocol/limits.ts";
import type { AppContext } from "./context.ts";

export function mailboxOf(c: AppContext, email: string): string {
  return keyedHashText(connect(c.env).config.CODE_KEY, "mailbox", email);
}

/**
 * Who causes a letter: anybody, who knows the password, who is signed in. Each counts apart, so that none uses up what
 * another needs.
 */
const causes = {
  register: "open",
  taken: "open",
  reset: "open",
  email: "open",
  login: "login",
  delete: "delete",
} as const satisfies Record<Flow["kind"], string>;

/** Where wrong codes are counted, over all challenges of a mailbox. */
function wrongCodesBucket(c: AppContext, name: FlowName, email: string): string {
  return `wrong:${name}:${mailboxOf(c, email)}`;
}

/**
 * Counts a wrong code: beyond the day's, no letter leaves. What is in a letter already stays right, and where none left
 * nothing is counted against the mailbox: with challenges of their own nobody takes anything from its owner.
 */
export async function countWrongCode(c: AppContext, name: FlowName, { flow, is_mailed }: Challenge): Promise<void> {
  const bucket = wrongCodesBucket(c, name, flow.email);
  // Counted elsewhere, so that the work is the same.
  const place = is_mailed ? bucket : `${bucket}:unmailed`;
  await connect(c.env).cache.count(place, wrongCodesOf(name), limits.wrongCodesWindowMs);
}

/** A password was chosen by who proved to be the owner: wrong codes of before keep nobody from signing in. */
export async function forgetWrongCodes(c: AppContext, email: string): Promise<void> {
  await connect(c.env).cache.clear(wrongCodesBucket(c, "login", email));
}

/** Counts a letter to a mailbox. @returns whether it may leave */
export async function mayMail(c: AppContext, flow: Flow): Promise<boolean> {
  const { cache } = connect(c.env);
  const bucket = `mail:${causes[flow.kind]}:${mailboxOf(c, flow.email)}`;
  const waitMs = await cache.count(bucket, limits.mailsPerMailbox, limits.mailWindowMs);
  const name = finishedBy(flow);
  const wrong = await cache.counted(wrongCodesBucket(c, name, flow.email));
  const isNobodys = flow.kind === "reset" && flow.user_id === null;
  return waitMs === 0 && wrong < wrongCodesOf(name) && !isNobodys;
}
