/** People at browsers: each has a context of their own, with its own cookies and storage, in one Chromium for the run. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { root } from "../../src/local/places.ts";
import { chromiumProgram, type Look, registerAt, windowOf } from "./chromium.ts";
import type { Person } from "./client.ts";
import { dialog } from "./rooms.ts";
import { home, open } from "./screens.ts";
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
export async function newContext(look: Look = {}): Promise<BrowserContext> {
  const { url: baseURL } = await server();
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

/** Somebody new, signed in at a browser that shows nothing yet. */
export async function arrival(name: string, look: Look = {}): Promise<Visitor> {
  const context = await newContext(look);
  const person = await registerAt(await server(), context, name);
  return { ...person, page: await context.newPage(), context };
}

/** The same, at the list. */
export async function visitor(name: string, look: Look = {}): Promise<Visitor> {
  const one = await arrival(name, look);
  await one.page.goto("/");
  await home(one.page).waitFor();
  return one;
}

type People<Names extends string[]> = { [Index in keyof Names]: Visitor };

/** One for each name. */
export function arrivals<Names extends string[]>(...names: Names): Promise<People<Names>> {
  return Promise.all(names.map((name) => arrival(name))) as Promise<People<Names>>;
}

export function visitors<Names extends string[]>(...names: Names): Promise<People<Names>> {
  return Promise.all(names.map((name) => visitor(name))) as Promise<People<Names>>;
}

/** Two who look at their dialog. */
export async function pair() {
  const [ann, bob] = await arrivals("Ann", "Bob");
  const room = await dialog(ann, bob);
  await Promise.all([open(ann.page, room), open(bob.page, room)]);
  return { ann, bob, room };
}
