/** What is written comes to be said once and in order, whatever becomes of the line, the page, or the answer. */
import type { BrowserContext, WebSocketRoute } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { pair, ready } from "../support/browser.ts";
import { choose, composer, list, message, say, tick, wordsOf } from "../support/screens.ts";

beforeAll(ready);

const banner = "You are offline. Messages will be sent when you are back.";

/** What its sockets carry, until they are cut: nothing gets through to the server, or nothing comes back. */
async function holdSockets(context: BrowserContext) {
  let hold: "nothing" | "what is sent" | "what comes" = "nothing";
  const lines = new Set<WebSocketRoute>();
  await context.routeWebSocket(/\/api\/v1\/.*ws/, (socket) => {
    const server = socket.connectToServer();
    lines.add(socket);
    socket.onMessage((data) => hold !== "what is sent" && server.send(data));
    server.onMessage((data) => hold !== "what comes" && socket.send(data));
  });
  return {
    hold: (what: typeof hold) => {
      hold = what;
    },
    count: () => lines.size,
  };
}

describe("offline", () => {
  test("what is written waits under a banner, and is sent once and in order when one is back", async () => {
    const { ann, bob } = await pair();
    await ann.context.setOffline(true);
    await ann.page.getByText(banner).waitFor();
    const texts = ["Offline 1", "Offline 2", "Offline 3"];
    for (const text of texts) await say(ann.page, text);
    for (const text of texts) await tick(ann.page, text, "Not sent yet").waitFor();
    expect(await wordsOf(bob.page, /Offline \d/)).toEqual([]);
    await ann.context.setOffline(false);
    await message(bob.page, "Offline 3").waitFor();
    for (const text of texts) await tick(ann.page, text, "Read").waitFor();
    await expect.poll(() => ann.page.getByText(banner).count()).toBe(0);
    for (const page of [ann.page, bob.page]) expect(await wordsOf(page, /Offline \d/)).toEqual(texts);
  });

  test("what is said meanwhile by others is there when one is back", async () => {
    const { ann, bob } = await pair();
    await ann.context.setOffline(true);
    await ann.page.getByText(banner).waitFor();
    for (const text of ["While away 1", "While away 2"]) await say(bob.page, text);
    await tick(bob.page, "While away 2", "Sent").waitFor();
    await ann.context.setOffline(false);
    await message(ann.page, "While away 2").waitFor();
    expect(await wordsOf(ann.page, /While away \d/)).toEqual(["While away 1", "While away 2"]);
  });

  test("what was written outlives its page, and is sent by the next, without the conversation being opened", async () => {
    const { ann, bob } = await pair();
    await ann.context.setOffline(true);
    await ann.page.getByText(banner).waitFor();
    await say(ann.page, "From the grave");
    await tick(ann.page, "From the grave", "Not sent yet").waitFor();
    await ann.page.close();
    await ann.context.setOffline(false);
    const page = await ann.context.newPage();
    await page.goto("/");
    await list(page).waitFor();
    await message(bob.page, "From the grave").waitFor();
    await choose(page, "Bob");
    await tick(page, "From the grave", "Read").waitFor();
    expect(await wordsOf(bob.page, /From the grave/)).toHaveLength(1);
  });
});

describe("a reload in the middle of sending", () => {
  test.each(["what is sent", "what comes"] as const)("while %s is lost sends it exactly once", async (lost) => {
    const { ann, bob } = await pair();
    const sockets = await holdSockets(ann.context);
    await ann.page.reload();
    await composer(ann.page).waitFor();
    await say(ann.page, "Before");
    await tick(ann.page, "Before", "Read").waitFor();
    sockets.hold(lost);
    await say(ann.page, "In the middle");
    await tick(ann.page, "In the middle", "Not sent yet").waitFor();
    if (lost === "what comes") await message(bob.page, "In the middle").waitFor();
    await ann.page.reload();
    sockets.hold("nothing");
    await tick(ann.page, "In the middle", "Read").waitFor({ timeout: 15_000 });
    await say(ann.page, "After");
    await message(bob.page, "After").waitFor();
    const said = ["Before", "In the middle", "After"];
    for (const page of [ann.page, bob.page]) expect(await wordsOf(page, /Before|In the middle|After/)).toEqual(said);
  });
});
