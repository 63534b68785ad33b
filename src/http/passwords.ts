/** Passwords as routes ask for them: counted against the account, and judged in the same time whether there is one. */
import { connect } from "../connect.ts";
import { isCommonPassword } from "../core/passwords.ts";
import { keyedHashText } from "../core/secrets.ts";
import { type Credentials, credentialsOf, credentialsOfSession, type OwnCredentials } from "../db/users.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { hashPassword, isPassword } from "../services/passwords.ts";
import { type AppContext, wrongField } from "./context.ts";
import { countAnyway, uncountAnyway } from "./counting.ts";
import { signedOut } from "./guard.ts";
import { forgetWrongCodes, mailboxOf } from "./mailboxes.ts";
import { tooOften } from "./throttle.ts";

/** @throws Fault INVALID_CONTENT for one that a guesser tries first */
export function judgeChosen(password: string): void {
  if (isCommonPassword(password)) throw wrongField("password", "is among the most common ones");
}

/** The hash of one that somebody chose. @throws Fault INVALID_CONTENT as {@link judgeChosen} */
export async function chosenPassword(password: string): Promise<string> {
  judgeChosen(password);
  return await hashPassword(password);
}

/** Stands for a password in what must not outlive it. */
export function passwordMark(c: AppContext, passwordHash: string | null): string {
  return keyedHashText(connect(c.env).config.CODE_KEY, "password-mark", passwordHash ?? "");
}

/** Where wrong passwords of strangers are counted; those of who is signed in are their own. */
const strangersBucket = (c: AppContext, email: string) => `password:${mailboxOf(c, email)}`;
const ownBucket = (userId: string) => `confirm:${userId}`;

/** Who has shown more than the password may try it again at once. */
export async function forgetWrongPasswords(c: AppContext, who: Pick<Credentials, "id" | "email">): Promise<void> {
  const { cache } = connect(c.env);
  await Promise.all([
    cache.clear(strangersBucket(c, who.email)),
    cache.clear(ownBucket(who.id)),
    forgetWrongCodes(c, who.email),
  ]);
}

/** Counts a try before it is judged, so that tries made at once are counted, too. @throws Fault RATE_LIMIT_EXCEEDED */
async function counted<T>(c: AppContext, bucket: string, judge: () => Promise<T | undefined>): Promise<T | undefined> {
  const limit = connect(c.env).config.AUTH_RATE_LIMIT_PER_ACCOUNT;
  const waitMs = await countAnyway(c, bucket, { limit, windowMs: limits.accountWindowMs });
  if (waitMs > 0) throw tooOften(waitMs, "Too many wrong passwords for this account");
  // Only a password that was judged, and wrong, stays counted.
  let isWrong = false;
  try {
    const right = await judge();
    isWrong = right === undefined;
    return right;
  } finally {
    if (!isWrong) await uncountAnyway(c, bucket);
  }
}

/**
 * Who has this address and this password.
 * @param device of the account: its wrong passwords are its own, and it is not kept out by those of others
 * @throws Fault AUTH_FAILED, RATE_LIMIT_EXCEEDED
 */
export async function judgePassword(
  c: AppContext,
  { email, password }: { email: string; password: string },
  device?: { id: string },
): Promise<Credentials> {
  const bucket = device ? `password:${device.id}` : strangersBucket(c, email);
  const found = await counted(c, bucket, async () => {
    const known = await credentialsOf(connect(c.env).db, email);
    const isRight = await isPassword(password, known?.password_hash ?? null);
    return isRight ? known : undefined;
  });
  if (!found) throw new Fault("AUTH_FAILED", "The e-mail or the password is wrong");
  return found;
}

/**
 * The password of who is signed in, shown once more before something weighty.
 * @param field of the body, for the answer
 * @throws Fault INVALID_CONTENT, RATE_LIMIT_EXCEEDED
 */
export async function confirmPassword(
  c: AppContext,
  me: Credentials,
  { field, password }: { field: string; password: string },
): Promise<void> {
  const right = await counted(c, ownBucket(me.id), async () =>
    (await isPassword(password, me.password_hash)) ? me : undefined,
  );
  if (!right) throw wrongField(field, "is wrong");
}

/**
 * Asked of Postgres, for what weighs more than reading: a session that has ended there may be known to be alive here.
 * @throws Fault AUTH_FAILED where it has ended, or the account is not there any more
 */
export async function myCredentials(c: AppContext): Promise<OwnCredentials> {
  const me = await credentialsOfSession(connect(c.env).db, c.get("actor"), Date.now());
  if (!me) throw signedOut();
  return me;
}
