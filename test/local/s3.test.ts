import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startS3 } from "../../src/local/s3.ts";
import { s3Bucket, s3Endpoint } from "../../src/local/s3-place.ts";
import type { Backend } from "../../src/local/server.ts";

/** The service's own tests (test/services/blobs.test.ts) speak to it, too: here is what only a stand-in must do. */
const credentials = { accessKeyId: "a key of the tests", secretAccessKey: "s".repeat(64) };
const clientWith = (changes: Partial<typeof credentials>) =>
  new AwsClient({ ...credentials, ...changes, service: "s3", region: "auto", retries: 0 });
const client = clientWith({});
const folder = mkdtempSync(join(inject("scratch"), "s3-"));
/** How many listen to each signal. */
const listeners = () => ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => process.listenerCount(signal));
const listenersBefore = listeners();
let s3: Backend;

beforeAll(async () => {
  s3 = await startS3({ port: 0, folder, credentials });
});
afterAll(() => s3.close());

const urlOf = (key: string) => `${s3Endpoint(s3.port)}/${s3Bucket}/${key}`;

async function statusOf(answering: Promise<Response>): Promise<number> {
  const answer = await answering;
  await answer.text();
  return answer.status;
}

describe("the embedded S3", () => {
  test("keeps what it was given when it is closed and opened again", async () => {
    expect(await statusOf(client.fetch(urlOf("kept"), { method: "PUT", body: "Hello" }))).toBe(200);
    await s3.close();
    s3 = await startS3({ port: 0, folder, credentials });
    expect(await (await client.fetch(urlOf("kept"))).text()).toBe("Hello");
  });

  test("has nothing for those who do not know its keys", async () => {
    const forger = clientWith({ secretAccessKey: "guessed" });
    const stranger = clientWith({ accessKeyId: "guessed" });
    expect(await statusOf(forger.fetch(urlOf("kept")))).toBe(403);
    expect(await statusOf(stranger.fetch(urlOf("kept")))).toBe(401);
    expect(await statusOf(fetch(urlOf("kept")))).toBe(400);
  });

  test("lets pages of this machine call it, and no others", async () => {
    const preflight = (Origin: string) =>
      statusOf(
        fetch(urlOf("kept"), { method: "OPTIONS", headers: { Origin, "Access-Control-Request-Method": "PUT" } }),
      );
    expect(await preflight("http://localhost:3000")).toBe(204);
    expect(await preflight("https://elsewhere.example")).toBe(403);
  });

  test("says which port is in use", async () => {
    await expect(startS3({ port: s3.port, folder, credentials })).rejects.toThrow(`port ${s3.port} (S3) is in use`);
  });

  test("leaves signals to the launcher", () => {
    expect(listeners()).toEqual(listenersBefore);
  });
});
