/** Which Chromium is used, what its windows look like, and how somebody new comes to be signed in there. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { BrowserContext, BrowserContextOptions } from "playwright-core";
import { call, challenge, type Json, type Person } from "./client.ts";
import type { Server } from "./server.ts";

const programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const homes = ["/usr/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/** @throws where there is none: what is proven in a browser is not skipped */
export function chromiumProgram({ PINGME_CHROMIUM: given, PATH = "" } = process.env, usual = homes): string {
  if (given) return given;
  const onPath = PATH.split(delimiter).flatMap((folder) => programs.map((program) => join(folder, program)));
  const found = [...usual, ...onPath].find((path) => existsSync(path));
  if (found) return found;
  const how = "install it (Debian: apt-get install chromium), or set PINGME_CHROMIUM to its path";
  throw new Error(`These tests need Chromium or Chrome: ${how}.`);
}

export interface Look {
  /** One pane at a time, by touch. */
  phone?: boolean;
  dark?: boolean;
  locale?: string;
  reducedMotion?: boolean;
  viewport?: { width: number; height: number };
}

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

export function windowOf(look: Look): BrowserContextOptions {
  return {
    viewport: look.viewport ?? (look.phone ? sizes.phone : sizes.desktop),
    colorScheme: look.dark ? "dark" : "light",
    locale: look.locale ?? "en-GB",
    reducedMotion: look.reducedMotion ? "reduce" : "no-preference",
    ...(look.phone && { isMobile: true, hasTouch: true }),
  };
}

const asked = { "X-Session": "cookie" };

/** Registers somebody and leaves the cookie that this gives a browser: its pages are signed in. */
export async function registerAt(at: Server, context: BrowserContext, name: string): Promise<Person> {
  const email = `${name.toLowerCase().replace(/[^a-z]/g, "") || "somebody"}.${randomUUID()}@example.com`;
  const password = `horse-${randomUUID()}`;
  const body = await challenge(at, "/auth/register", { email, password, name }, { to: email });
  const { user, tokens } = await entered(at, context, "/auth/verify-registration", body);
  return {
    ...{ id: user.id, name, email, password, token: tokens.access_token, refreshToken: "" },
    call: (method, path, sent) => call(at, method, `/api/v1${path}`, { body: sent, token: tokens.access_token }),
  };
}

/** Signs somebody in at one more browser. */
export async function enterAt(at: Server, context: BrowserContext, { email, password }: Person): Promise<void> {
  const body = await challenge(at, "/auth/login", { email, password }, { to: email });
  await entered(at, context, "/auth/verify-login", body);
}

async function entered(at: Server, context: BrowserContext, path: string, body: object): Promise<Json> {
  const done = await call(at, "POST", `/api/v1${path}`, { body, headers: asked });
  if (done.status >= 300) throw new Error(`${path}: ${JSON.stringify(done.body)}`);
  await context.addCookies(done.headers.getSetCookie().map((line) => cookieOf(at, line)));
  return done.body;
}

const scope = { path: "/api/v1/auth", httpOnly: true, secure: true, sameSite: "Strict" } as const;

function cookieOf(at: Server, line: string) {
  const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  return { name, value, domain: new URL(at.url).hostname, ...scope };
}
