import { afterEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../src/connect.ts";
import { keyedHashText } from "../../src/core/secrets.ts";
import { limits } from "../../src/protocol/limits.ts";
import {
  type Account,
  call,
  lastCodeTo,
  mailsTo,
  newAccount,
  newEmail,
  otherThan,
  password,
  post,
} from "../support/accounts.ts";
import { bindings, later, pending, startLogin, startRegistration } from "../support/signing.ts";

const { cache, config } = connect(bindings);
const mailbox = (email: string) => keyedHashText(config.CODE_KEY, "mailbox", email);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** As if so much had been counted there already. */
async function countedBefore(bucket: string, times: number): Promise<void> {
  for (let count = 0; count < times; count++) await cache.count(bucket, times, limits.wrongCodesWindowMs);
}

const lettersBefore = (cause: string, email: string, times: number) =>
  countedBefore(`mail:${cause}:${mailbox(email)}`, times);

/** The next codes are drawn from these: what a guesser would have to hit. */
function drawing(...codes: number[]): void {
  const real = crypto.getRandomValues.bind(crypto);
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    if (!(array instanceof Uint32Array) || codes.length === 0) return real(array);
    array[0] = codes.shift() ?? 0;
    return array;
  });
}

interface Flow {
  cause: string;
  name: string;
  email: string;
  ask(): Promise<{ body: { challenge: string } }>;
  answer(challenge: string, code: string): Promise<{ status: number; body: { code?: string } }>;
}

const tokenOf = ({ tokens }: Account) => tokens.access_token;

async function registering(): Promise<Flow> {
  const email = newEmail();
  const ask = () => post("/auth/register", { email, password, name: "Ann" });
  const answer = (challenge: string, code: string) => post("/auth/verify-registration", { challenge, code });
  return { cause: "open", name: "register", email, ask, answer };
}

async function signingIn(): Promise<Flow> {
  const { email } = await newAccount();
  const ask = () => post("/auth/login", { email, password });
  const answer = (challenge: string, code: string) => post("/auth/verify-login", { challenge, code });
  return { cause: "login", name: "login", email, ask, answer };
}

async function resetting(): Promise<Flow> {
  const { email } = await newAccount();
  const ask = () => post("/auth/reset-password", { email });
  const answer = (challenge: string, code: string) =>
    post("/auth/verify-reset-password", { challenge, code, password: "a quite new battery" });
  return { cause: "open", name: "reset", email, ask, answer };
}

async function moving(): Promise<Flow> {
  const [token, email] = [tokenOf(await newAccount()), newEmail()];
  const ask = () => post("/users/me/email", { email, password }, { token });
  const answer = (challenge: string, code: string) => post("/users/me/email/verify", { challenge, code }, { token });
  return { cause: "open", name: "email", email, ask, answer };
}

async function deleting(): Promise<Flow> {
  const ann = await newAccount();
  const ask = () => post("/users/me/deletion-code", undefined, { token: tokenOf(ann) });
  const answer = (challenge: string, code: string) =>
    call("DELETE", "/users/me", { body: { challenge, code }, token: tokenOf(ann) });
  return { cause: "delete", name: "delete", email: ann.email, ask, answer };
}

const flows = [
  ["a registration", registering],
  ["a login", signingIn],
  ["a reset", resetting],
  ["a change of address", moving],
  ["a deletion", deleting],
] as const;

describe.each(flows)("of %s", (_name, begin) => {
  test("a code that was not mailed is not right, and none is sent again", async () => {
    const { cause, name, email, ask, answer } = await begin();
    await lettersBefore(cause, email, limits.mailsPerMailbox);
    drawing(7);
    const { body } = await ask();
    expect(body).toEqual(pending);
    const unmailed = await answer(body.challenge, name === "reset" ? "00000007" : "000007");
    expect([unmailed.status, unmailed.body.code]).toEqual([422, "INVALID_CONTENT"]);
    expect(await cache.counted(`wrong:${name}:${mailbox(email)}`)).toBe(0);
    await cache.clear(`mail:${cause}:${mailbox(email)}`);
    later(limits.codeResendAfterMs);
    expect((await post("/auth/resend-code", { challenge: body.challenge })).status).toBe(202);
    expect(await mailsTo(email)).toEqual([]);
  });

  test("no letter leaves beyond the day's wrong ones; what was mailed before is right all the same", async () => {
    const { name, email, ask, answer } = await begin();
    const { body } = await ask();
    const code = await lastCodeTo(email);
    const bucket = `wrong:${name}:${mailbox(email)}`;
    const most = name === "reset" ? limits.wrongResetCodes : limits.wrongCodes;
    await countedBefore(bucket, most - 1);
    expect((await answer(body.challenge, otherThan(code))).status).toBe(422);
    expect(await cache.counted(bucket)).toBe(most);
    const letters = (await mailsTo(email)).length;
    expect((await ask()).body).toEqual(pending);
    expect(await mailsTo(email)).toHaveLength(letters);
    expect([200, 201, 202]).toContain((await answer(body.challenge, code)).status);
  });
});

test("a resend that may not mail leaves the delivered code in force, and answers as ever", async () => {
  const { email, challenge, code } = await startRegistration();
  await lettersBefore("open", email, limits.mailsPerMailbox);
  later(limits.codeResendAfterMs);
  const sent = await post("/auth/resend-code", { challenge });
  expect([sent.status, sent.body]).toEqual([202, { ...pending, challenge }]);
  expect((await post("/auth/resend-code", { challenge })).status).toBe(429);
  expect(await mailsTo(email)).toHaveLength(1);
  expect((await post("/auth/verify-registration", { challenge, code })).status).toBe(201);
});

test("codes to delete an account are ten an hour, and use up no letter of a login or of others", async () => {
  const ann = await newAccount();
  const ask = () => post("/users/me/deletion-code", undefined, { token: tokenOf(ann) });
  for (let asked = 0; asked < 10; asked++) expect((await ask()).status).toBe(202);
  const refused = await ask();
  expect([refused.status, refused.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
  expect(await mailsTo(ann.email)).toHaveLength(10);
  expect((await post("/auth/verify-login", await startLogin(ann))).status).toBe(200);
  await post("/auth/reset-password", { email: ann.email });
  expect((await mailsTo(ann.email)).at(-1)?.subject).toMatch(/reset code/);
});
