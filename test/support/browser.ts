/** People at browsers: each has a context of their own, with its own cookies and storage, in one Chromium for the run. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { root } from "../../src/local/places.ts";
import { chromiumProgram, type Look, registerAt, windowOf } from "./chromium.ts";
import type { Person } from "./client.ts";
import { home } from "./screens.ts";
import { server } from "./server.ts";
import { expectNoTrouble, troublesOf } from "./troubles.ts";

declare global {
  var pingmeTestBrowser: Promise<Browser> | undefined;
}

/** Started by the first that asks; it ends with the process of the tests. */
export function browser(): Promise<Browser> {
  globalThis.pingmeTestBrowser ??= chromium.launch({ executablePath: chromiumProgram() });
  return globalThis.pingmeTestBrowser;
}

/** Before the tests of a file: starting takes longer than any of them. */
export async function ready(): Promise<void> {
  await Promise.all([server(), browser()]);
}

const patienceMs = 20_000;

/** A browser nobody is signed in at. After the test it is closed, and nothing may have gone wrong in it. */
export async function newContext(look: Look = {}, url?: string): Promise<BrowserContext> {
  const baseURL = url ?? (await server()).url;
  const context = await (await browser()).newContext({ baseURL, ...windowOf(look) });
  context.setDefaultTimeout(patienceMs);
  const troubles = await troublesOf(context);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await photograph(context, task.name);
    await context.close();
    expectNoTrouble(troubles);
  });
  return context;
}

/** What a failed test saw, in `dist/failed`. */
async function photograph(context: BrowserContext, name: string): Promise<void> {
  for (const page of context.pages()) {
    const file = `${name.replace(/\W+/g, "-").slice(0, 60)}-${randomUUID().slice(0, 4)}.png`;
    await page.screenshot({ path: join(root, "dist/failed", file) }).catch(() => undefined);
  }
}

/** Not signed in. */
export async function stranger(look: Look = {}, address = "/"): Promise<Page> {
  const page = await (await newContext(look)).newPage();
  await page.goto(address);
  return page;
}

export interface Visitor extends Person {
  page: Page;
  context: BrowserContext;
}

export type Visit = Look & {
  /** Where they come to. */
  address?: string;
  /** Of a proxy before the server; left out: the server itself. */
  url?: string;
};

/** Somebody new, signed in at a browser. */
export async function visitor(name: string, { address = "/", url, ...look }: Visit = {}): Promise<Visitor> {
  const context = await newContext(look, url);
  const person = await registerAt(await server(), context, name);
  const page = await context.newPage();
  await page.goto(address);
  if (address === "/") await home(page).waitFor();
  return { ...person, page, context };
}

/** People who are new, one for each name. */
export function visitors<Names extends string[]>(...names: Names): Promise<{ [Index in keyof Names]: Visitor }> {
  return Promise.all(names.map((name) => visitor(name))) as Promise<{ [Index in keyof Names]: Visitor }>;
}
