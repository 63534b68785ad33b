import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { inject } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import { firstRefreshToken, refreshHash } from "../../src/core/refresh.ts";
import { insertSession } from "../../src/db/sessions.ts";
import { insertUser } from "../../src/db/users.ts";
import type { Env } from "../../src/env.ts";
import { createApp } from "../../src/http/app.ts";
import { hashPassword } from "../../src/services/passwords.ts";

const app = createApp();

/** The test's bindings with some of them changed: another limit, a backend that is away. */
export function envWith(changes: Record<string, string>): Env {
  return { ...(env as unknown as Env), ...changes };
}

export interface Call {
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  raw?: string;
  token?: string;
  headers?: Record<string, string>;
  on?: Env;
}

export interface Answered {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer it says itself.
  body: any;
}

/** An address of its own for each request: what counts callers shall count none of ours together. */
function someAddress(): string {
  return `10.${crypto.getRandomValues(new Uint8Array(3)).join(".")}`;
}

/** One request to the whole of the app; when it returns, what follows the answer (mail) is done too. */
export async function call(method: string, path: string, options: Call = {}): Promise<Answered> {
  const sent = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const request = new Request(`http://localhost/api/v1${path}`, {
    method,
    headers: {
      "CF-Connecting-IP": someAddress(),
      ...(sent === undefined ? {} : { "Content-Type": "application/json" }),
      ...(options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const context = createExecutionContext();
  const response = await app.fetch(request, options.on ?? (env as unknown as Env), context);
  const text = await response.text();
  await waitOnExecutionContext(context);
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}

export const get = (path: string, options?: Call) => call("GET", path, options);
export const post = (path: string, body: unknown, options?: Call) => call("POST", path, { body, ...options });

export interface MailSeen {
  to: string;
  subject: string;
  text: string;
}

export async function mailsTo(email: string): Promise<MailSeen[]> {
  const response = await fetch(`${inject("mailbox")}/api/mails?to=${encodeURIComponent(email)}`);
  return await response.json();
}

export async function lastCodeTo(email: string): Promise<string> {
  const code = (await mailsTo(email)).at(-1)?.text.match(/\b(?:\d{6}|\d{8})\b/)?.[0];
  if (!code) throw new Error("No code was mailed");
  return code;
}

/** Another code than this one, of as many digits. */
export const otherThan = (code: string) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0");

export const password = "correct horse battery";
export const newEmail = () => `${newId()}@example.test`;

/** Of somebody who has chosen nothing. */
export const defaultSettings = { last_seen: "everyone", read_receipts: true, push_text: true };

export interface Account {
  email: string;
  password: string;
  user: { id: string; name: string };
  tokens: { access_token: string; refresh_token: string };
}

let passwordHash: Promise<string> | undefined;

/** A fresh account with a session, put where a registration would put it, in a fraction of its time. */
export async function newAccount(name = "Ann"): Promise<Account> {
  const { config, db, tokens } = connect(env as unknown as Env);
  passwordHash ??= hashPassword(password);
  const now = Date.now();
  const account = {
    id: newId(),
    email: newEmail(),
    name,
    password_hash: await passwordHash,
    created_at: new Date(now),
  };
  const user = await insertUser(db, account);
  if (!user) throw new Error("The address is taken");
  const id = newId();
  const refresh_token = firstRefreshToken(config.CODE_KEY, id, crypto.getRandomValues(new Uint8Array(32)));
  const refresh_hash = refreshHash(config.CODE_KEY, refresh_token);
  await insertSession(db, { id, user_id: user.id, refresh_hash, device: "test", country: null, now });
  return {
    email: user.email,
    password,
    user,
    tokens: { access_token: await tokens.issue(user, id, now), refresh_token },
  };
}

/** A fresh account, registered as anybody would, signed in. */
export async function register(name = "Ann", options: Call = {}): Promise<Account> {
  const email = newEmail();
  const { body } = await post("/auth/register", { email, password, name }, options);
  const code = await lastCodeTo(email);
  const verified = await post("/auth/verify-registration", { challenge: body.challenge, code }, options);
  if (verified.status !== 201) throw new Error(`The registration failed: ${JSON.stringify(verified.body)}`);
  return { email, password, ...verified.body };
}
