/**
 * `npm run screenshots`: the README's two pictures into `docs/`, and each main screen on desktop and phone, light and
 * dark, into `dist/screenshots`, from a conversation staged on a server of its own.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { portsAbove } from "../../src/local/embedded.ts";
import { root } from "../../src/local/places.ts";
import { startProduct } from "../bench/product.ts";
import { chromiumProgram, enterAt, type Look, windowOf } from "../support/chromium.ts";
import { Line } from "../support/client.ts";
import type { Server } from "../support/server.ts";
import { screens } from "./screens.ts";
import { playOn, type Stage } from "./stage.ts";
import { typist } from "./story.ts";

const looks: Record<string, Look> = {
  "desktop-light": {},
  "desktop-dark": { dark: true },
  "phone-light": { phone: true },
  "phone-dark": { phone: true, dark: true },
};

const product = await startProduct();
const browser = await chromium.launch({ executablePath: chromiumProgram() });
try {
  await photographAll();
} finally {
  await browser.close();
  await product.end();
}

async function photographAll(): Promise<void> {
  const ports = portsAbove(product.port);
  const on = (port: number) => `http://127.0.0.1:${port}`;
  const beside = { mailboxUrl: on(ports.mailbox), googleUrl: on(ports.google), fcmUrl: on(ports.fcm) };
  const at: Server = { url: on(product.port), ...beside };
  const stage = await playOn(at);
  const endTyping = await keepTyping(at, stage);
  for (const [name, look] of Object.entries(looks)) await photograph(at, stage, { name, look });
  endTyping();
}

/** Somebody is about to say something in the last conversation, and it shows. */
async function keepTyping(at: Server, { cast, conversations }: Stage): Promise<() => void> {
  const line = await Line.open(at, `/conversations/${conversations.at(-1)}/ws`, cast.get(typist)?.token ?? "");
  const type = () => line.send({ type: "typing_start" });
  type();
  const timer = setInterval(type, 3_000);
  return () => {
    clearInterval(timer);
    line.close();
  };
}

interface Shot {
  name: string;
  look: Look;
}

async function photograph(at: Server, stage: Stage, { name, look }: Shot): Promise<void> {
  const context = await browser.newContext({ baseURL: at.url, ...windowOf(look), deviceScaleFactor: 2 });
  const page = await context.newPage();
  await page.route("**/api/v1/**", async (route) => {
    if (route.request().method() !== "GET") return await route.fallback();
    const response = await route.fetch();
    await route.fulfill({ response, body: stagedTimes(await response.text(), stage) });
  });
  for (const [screen, { isForGuests, show }] of Object.entries(screens)) {
    if (!isForGuests && (await context.cookies()).length === 0) await enterAt(at, context, stage.viewer);
    await show(page, { stage, isPhone: look.phone === true });
    await save(page, join(root, "dist/screenshots", `${screen}-${name}.png`));
    const inReadme = screen === "conversation" && !look.dark;
    if (inReadme) await save(page, join(root, "docs", `${look.phone ? "phone" : "desktop"}.png`));
  }
  await context.close();
}

function stagedTimes(body: string, { times }: Stage): string {
  return [...times].reduce((text, [given, shown]) => text.replaceAll(given, shown), body);
}

async function save(page: Page, path: string): Promise<void> {
  mkdirSync(join(path, ".."), { recursive: true });
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
}
