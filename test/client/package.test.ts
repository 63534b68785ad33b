import { execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { root } from "../../src/local/places.ts";
import { buildClient } from "../../src/local/sdk.ts";
import { group, type Json, Line, mailCount, mailedCode, people } from "../support/client.ts";
import { server } from "../support/server.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);
const tsc = join(root, "node_modules/.bin/tsc");

/** Somebody else's project, with this one in its `node_modules`. */
const project = mkdtempSync(join(tmpdir(), "pingme-consumer-"));

beforeAll(async () => {
  await run(tsc, ["-p", "src/client/types.tsconfig.json"], { cwd: root });
  await buildClient();
  mkdirSync(join(project, "node_modules"));
  symlinkSync(root, join(project, "node_modules/pingme"));
  symlinkSync(join(root, "node_modules/@types"), join(project, "node_modules/@types"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  cpSync(join(import.meta.dirname, "example/echo.ts"), join(project, "echo.ts"));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

const strict = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "--types", "node"];

test.each([
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
])("its types are there for %s and %s, and refuse what is no route", async (module, resolution) => {
  const flags = [...strict, "--target", "es2022", "--module", module, "--moduleResolution", resolution];
  writeFileSync(
    join(project, "wrong.ts"),
    `import { createClient } from "pingme/client";
     const client = createClient({ url: "" });
     await client.call("GET /nothing");
     await client.call("PATCH /users/me", { body: { name: 1 } });
     (await client.call("GET /users/me")).surname;`,
  );
  const refused = await run(tsc, [...flags, "echo.ts", "wrong.ts"], { cwd: project }).catch((error) => error.stdout);
  expect([...refused.matchAll(/^\w+\.ts\(\d/gm)].map(([place]) => place)).toEqual(
    [3, 4, 5].map((line) => `wrong.ts(${line}`),
  );
});

test("the example runs in Node alone: it signs in, hears and answers, and is still signed in when it starts again", async () => {
  const at = await server();
  const [ann, bot] = await people(at, "Ann", "Echo");
  const { id } = await group(ann, bot);
  const line = await Line.open(at, "/ws", ann.token);
  const seen = await mailCount(at, bot.email);
  for (const said of ["Hello", "And again"]) {
    const env = { PATH: process.env.PATH, PINGME_URL: at.url, EMAIL: bot.email, PASSWORD: bot.password };
    const child = spawn(process.execPath, ["echo.ts"], { cwd: project, env, stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void child.kill());
    const output: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (chunk) => output.push(chunk));
    if (said === "Hello") child.stdin.write(`${await mailedCode(at, bot.email, seen)}\n`);
    await until("the bot's connection", () => output.join("").includes("Echo is open") || undefined, 20_000);
    line.send({ type: "message", conversation_id: id, content: said });
    const echo = await line.next((frame: Json) => frame.sender_id === bot.id);
    expect(echo).toMatchObject({ type: "message", content: `You said: ${said}`, conversation_id: id });
    child.kill();
  }
  line.close();
});
