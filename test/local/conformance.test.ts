import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../src/local/places.ts";
import { closeHttp, listen } from "../../src/local/server.ts";
import { type Door, startDoor } from "../support/away.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
/** The same server, with nothing known of what is beside it. */
let door: Door;

beforeAll(async () => {
  at = await server();
  door = await startDoor(Number(new URL(at.url).port));
});

afterAll(() => door.close());

async function kit(...args: string[]): Promise<{ code: number | null; said: string }> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [join(root, "test/conformance/main.ts"), ...args], { env: { PATH, HOME } });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const streams = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, said: streams.join("") };
}

describe("the kit", () => {
  test("prints a row for each journey: what passed, and what was left out and why", async () => {
    const { code, said } = await kit("--url", door.url, "--mailbox", at.mailboxUrl, "guessing", "google", "survives");
    expect(said).toMatch(/^guessing +passed +15$/m);
    expect(said).toMatch(/^google +left out +0 {2}needs the stand-in for Google .*--google$/m);
    expect(said).toMatch(/^survives +left out +0 {2}needs a server of its own$/m);
    expect([said.includes("1 passed, 0 failed, 2 left out"), code]).toEqual([true, 0]);
  }, 60_000);

  test("says what it needs where there is no mailbox, and proves nothing then", async () => {
    const { code, said } = await kit("--url", door.url, "talk");
    expect(said).toMatch(/^talk +left out +0 {2}needs the mailbox .*--mailbox$/m);
    expect([said.includes("Without a mailbox nobody can be registered"), code]).toEqual([true, 1]);
  }, 60_000);

  test("names what failed, and ends with 1", async () => {
    const other = createServer((request, response) => {
      response.writeHead(request.url === "/health" ? 200 : 404).end();
    });
    const url = `http://127.0.0.1:${await listen(other, 0, "another server")}`;
    const { code, said } = await kit("--url", url, "docs");
    await closeHttp(other);
    expect(said).toMatch(/^docs +FAILED +\d+ {2}\d+ failed$/m);
    expect([said.includes("docs: the page at /docs > is there"), code]).toEqual([true, 1]);
  }, 60_000);

  test("refuses a server that is not there, and a journey nobody knows", async () => {
    const nobody = await kit("--url", "http://127.0.0.1:1");
    expect(nobody).toEqual({ code: 1, said: expect.stringContaining("/health answers nothing") });
    const unknown = await kit("--url", at.url, "nowhere");
    expect(unknown).toEqual({ code: 1, said: expect.stringContaining('There is no journey "nowhere"') });
    expect((await kit()).code).toBe(1);
  });
});
