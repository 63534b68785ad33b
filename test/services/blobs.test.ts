import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { configOf, type Env } from "../../src/env.ts";
import { type Blobs, connectBlobs } from "../../src/services/blobs.ts";

const config = configOf(env as unknown as Env);
const minute = 60_000;
const unavailable = { name: "Fault", code: "UNAVAILABLE", details: { retry_after_ms: 2_000 } };

/** Media as they are where `changes` apply. */
function store(changes: Partial<typeof config> = {}): Blobs {
  const blobs = connectBlobs({ ...config, ...changes });
  if (!blobs) throw new Error("S3 is not set up");
  return blobs;
}
const blobs = store();
/** With everything in it that a URL or a signature has its own way with. */
const fresh = (name = "a b+c&d=é!'()*.txt") => `test/${newId()}/${name}`;
const soon = () => ({ expiresMs: minute, nowMs: Date.now() });

async function kept(text = "Hello", contentType = "text/plain"): Promise<string> {
  const key = fresh();
  await blobs.put(key, streamOf(text), { contentType, size: new TextEncoder().encode(text).length });
  return key;
}

function streamOf(...texts: string[]): ReadableStream<Uint8Array> {
  const chunks = texts.map((text) => new TextEncoder().encode(text));
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function put(url: string, body: string, contentType = "text/plain"): Promise<number> {
  const answer = await fetch(url, { method: "PUT", body, headers: { "content-type": contentType } });
  await answer.text();
  return answer.status;
}

const textAt = async (key: string) => await (await blobs.get(key))?.text();

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("an upload by a signed address", () => {
  test("is kept as it was announced", async () => {
    const key = fresh();
    const upload = await blobs.presignPut(key, { contentType: "text/plain", size: 5, ...soon() });
    expect(upload).toMatchObject({ method: "PUT", headers: { "content-type": "text/plain" } });
    expect(Object.keys(upload.headers)).toEqual(["content-type"]);
    expect(await put(upload.url, "Hello")).toBe(200);
    expect(await blobs.head(key)).toMatchObject({ size: 5, content_type: "text/plain" });
    expect(await textAt(key)).toBe("Hello");
  });

  test("of another type, of another length, for another key, by another method or key is refused", async () => {
    const [key, other] = [fresh(), fresh()];
    const { url } = await blobs.presignPut(key, { contentType: "text/plain", size: 5, ...soon() });
    expect(await put(url, "Hello", "text/html")).toBe(403);
    expect(await put(url, "Hell")).toBe(403);
    expect(await put(url, "Hello!")).toBe(403);
    expect(await put(url.replace(encodeURIComponent("é"), "e"), "Hello")).toBe(403);
    expect(await put(url.replace(/X-Amz-Expires=\d+/, "X-Amz-Expires=600"), "Hello")).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    const forger = store({ S3_SECRET_ACCESS_KEY: "guessed" });
    const forged = await forger.presignPut(other, { contentType: "text/plain", size: 5, ...soon() });
    expect(await put(forged.url, "Hello")).toBe(403);
    expect([await blobs.head(key), await blobs.head(other)]).toEqual([undefined, undefined]);
  });

  test("is refused when its time is over, and not before", async () => {
    const signed = async (nowMs: number) =>
      (await blobs.presignPut(fresh(), { contentType: "text/plain", size: 5, expiresMs: minute, nowMs })).url;
    expect(await put(await signed(Date.now() - minute - 1_000), "Hello")).toBe(403);
    expect(await put(await signed(Date.now() - minute + 5_000), "Hello")).toBe(200);
  });

  test("lives to the millisecond that was said", async () => {
    const nowMs = Date.UTC(2026, 0, 1, 0, 0, 0, 700);
    const { url } = await blobs.presignPut("k", { contentType: "text/plain", size: 5, expiresMs: 400, nowMs });
    const { searchParams } = new URL(url);
    expect([searchParams.get("X-Amz-Date"), searchParams.get("X-Amz-Expires")]).toEqual(["20260101T000000Z", "2"]);
  });

  test("may be made by a page of another origin", async () => {
    const { url, headers } = await blobs.presignPut(fresh(), { contentType: "text/plain", size: 5, ...soon() });
    const asked = { "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type" };
    const Origin = "http://localhost:3000";
    const preflight = await fetch(url, { method: "OPTIONS", headers: { Origin, ...asked } });
    expect([preflight.status, preflight.headers.get("Access-Control-Allow-Headers")]).toEqual([204, "content-type"]);
    expect(preflight.headers.get("Access-Control-Allow-Methods")).toContain("PUT");
    const answer = await fetch(url, { method: "PUT", body: "Hello", headers: { Origin, ...headers } });
    expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([200, "*"]);
  });
});

describe("a download by a signed address", () => {
  test("gives the bytes, and asks for its labels within the signature", async () => {
    const key = await kept();
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent("é .txt")}`;
    const url = await blobs.presignGet(key, { disposition, contentType: "text/x-other", ...soon() });
    const { searchParams } = new URL(url);
    expect(searchParams.get("response-content-disposition")).toBe(disposition);
    expect(searchParams.get("response-content-type")).toBe("text/x-other");
    expect(await (await fetch(url)).text()).toBe("Hello");
    expect((await fetch(url.replace("attachment", "inline"))).status).toBe(403);
  });

  test("is refused when its time is over, and without a signature", async () => {
    const key = await kept();
    const url = await blobs.presignGet(key, { expiresMs: minute, nowMs: Date.now() - minute - 1_000 });
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(url.split("?")[0] ?? "")).ok).toBe(false);
  });
});

describe("what is kept", () => {
  test("is read from its beginning, as far as asked", async () => {
    const key = await kept("0123456789");
    const read = async (first: number) => new TextDecoder().decode(await blobs.read(key, { first }));
    expect([await read(4), await read(10), await read(1_000)]).toEqual(["0123", "0123456789", "0123456789"]);
    expect(await blobs.read(await kept(""), { first: 4 })).toEqual(new Uint8Array());
  });

  test("is no longer read than asked of a store that knows no ranges", async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(streamOf("012", "345", "678")));
    expect(new TextDecoder().decode(await blobs.read("k", { first: 4 }))).toBe("0123");
  });

  test("is given whole, in part, or with 416", async () => {
    const key = await kept("0123456789");
    const got = async (range?: string) => {
      const answer = await blobs.get(key, { range });
      return [answer?.status, answer?.headers.get("Content-Range"), (await answer?.text())?.slice(0, 10)];
    };
    expect(await got()).toEqual([200, null, "0123456789"]);
    expect(await got("bytes=2-3")).toEqual([206, "bytes 2-3/10", "23"]);
    expect((await got("bytes=10-"))[0]).toBe(416);
  });

  test("is copied under other labels", async () => {
    const [from, to] = [await kept("Hello", "text/plain"), fresh()];
    const disposition = `attachment; filename="a.png"`;
    const labels = { contentType: "image/png", disposition, cacheControl: "public, max-age=60" };
    expect(await blobs.copy(from, to, labels)).toBe(true);
    const answer = await blobs.get(to);
    expect(await answer?.text()).toBe("Hello");
    const told = ["Content-Type", "Content-Disposition", "Cache-Control"].map((name) => answer?.headers.get(name));
    expect(told).toEqual(["image/png", disposition, "public, max-age=60"]);
    expect(await blobs.head(from)).toMatchObject({ size: 5, content_type: "text/plain" });
  });

  test("is deleted, more than once", async () => {
    const key = await kept();
    await blobs.delete(key);
    expect(await blobs.head(key)).toBeUndefined();
    await blobs.delete(key);
  });

  test("is listed by its prefix, page by page", async () => {
    const folder = `test/${newId()}/`;
    const keys = ["a b+c&d=é!'()*", "b<c>", "c"].map((name) => folder + name);
    const before = Date.now();
    for (const key of keys) await blobs.put(key, streamOf("Hello"), { contentType: "text/plain", size: 5 });
    const first = await blobs.list(folder, undefined, 2);
    expect(first.entries.map(({ key }) => key)).toEqual(keys.slice(0, 2));
    expect(first.entries[0]).toMatchObject({ size: 5 });
    expect(Math.abs((first.entries[0]?.modified_at ?? 0) - before)).toBeLessThan(minute);
    expect(first.next).toBe(keys[1]);
    const second = await blobs.list(folder, first.next, 2);
    expect([second.entries.map(({ key }) => key), second.next]).toEqual([keys.slice(2), undefined]);
    expect(await blobs.list(`test/${newId()}/`)).toEqual({ entries: [], next: undefined });
  });
});

describe("what is not there", () => {
  test("is a value", async () => {
    const key = fresh();
    expect(await blobs.head(key)).toBeUndefined();
    expect(await blobs.read(key, { first: 4 })).toBeUndefined();
    expect(await blobs.get(key)).toBeUndefined();
    expect(await blobs.copy(key, fresh(), { contentType: "text/plain", disposition: "inline" })).toBe(false);
  });

  test("is never looked for elsewhere", async () => {
    for (const key of ["../other/key", "a/./b", "a/.."]) await expect(blobs.head(key)).rejects.toThrow("dots");
  });
});

describe("an upload through the Worker", () => {
  test("is passed on as it comes", async () => {
    const key = fresh();
    const chunk = new Uint8Array(64 * 1024).fill(7);
    let [made, ahead] = [0, 0];
    const spy = vi.spyOn(globalThis, "fetch");
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (made === 320) return controller.close();
          if (spy.mock.calls.length === 0) ahead += 1;
          made += 1;
          controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    );
    await blobs.put(key, stream, { contentType: "image/png", size: 320 * chunk.length });
    expect(await blobs.head(key)).toMatchObject({ size: 320 * chunk.length, content_type: "image/png" });
    expect(ahead).toBeLessThan(4);
  });

  test("that is shorter or longer than it was said to be is refused, and nothing of it is kept", async () => {
    for (const parts of [["Hell"], ["Hello", "!"], ["Hello!"]]) {
      const key = fresh();
      const refused = blobs.put(key, streamOf(...parts), { contentType: "text/plain", size: 5 });
      await expect(refused).rejects.toMatchObject({ name: "Fault", code: "INVALID_MESSAGE" });
    }
    const key = fresh();
    await expect(blobs.put(key, streamOf("Hell"), { contentType: "text/plain", size: 5 })).rejects.toThrow();
    expect(await blobs.head(key)).toBeUndefined();
  });
});

/** Every question there is. */
const questions: [string, (at: Blobs) => Promise<unknown>][] = [
  ["head", (at) => at.head("k")],
  ["read", (at) => at.read("k", { first: 4 })],
  ["copy", (at) => at.copy("k", "l", { contentType: "text/plain", disposition: "inline" })],
  ["put", (at) => at.put("k", streamOf("Hello"), { contentType: "text/plain", size: 5 })],
  ["get", (at) => at.get("k")],
  ["delete", (at) => at.delete("k")],
  ["list", (at) => at.list("k")],
  ["ping", (at) => at.ping()],
];

describe.each(questions)("%s is UNAVAILABLE", (_, ask) => {
  test("where nobody answers", async () => {
    await expect(ask(store({ S3_ENDPOINT: "http://127.0.0.1:1" }))).rejects.toMatchObject(unavailable);
  });

  test("where the keys are not accepted", async () => {
    await expect(ask(store({ S3_SECRET_ACCESS_KEY: "old" }))).rejects.toMatchObject(unavailable);
    await expect(ask(store({ S3_ACCESS_KEY_ID: "old" }))).rejects.toMatchObject(unavailable);
  });

  test.each([500, 503, 429, 301])("where S3 answers %d", async (status) => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(null, { status }));
    await expect(ask(blobs)).rejects.toMatchObject(unavailable);
  });

  test("where S3 hangs", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(
      (_, init) =>
        new Promise((_, failed) => {
          init?.signal?.addEventListener("abort", () => failed(new DOMException("Aborted", "AbortError")));
        }),
    );
    const asked = expect(ask(blobs)).rejects.toMatchObject(unavailable);
    await vi.waitUntil(() => spy.mock.calls.length > 0);
    await vi.advanceTimersByTimeAsync(30_000);
    await asked;
  });
});

describe("a store that is not as it should be", () => {
  test("since it has no such bucket, is UNAVAILABLE", async () => {
    const elsewhere = store({ S3_BUCKET: "no-such-bucket" });
    await expect(elsewhere.ping()).rejects.toMatchObject(unavailable);
    await expect(elsewhere.list("")).rejects.toMatchObject(unavailable);
    const put = elsewhere.put("k", streamOf("Hello"), { contentType: "text/plain", size: 5 });
    await expect(put).rejects.toMatchObject(unavailable);
  });

  test("that refuses what is asked is no outage: the bug is ours", async () => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(null, { status: 400 }));
    await expect(blobs.head("k")).rejects.toMatchObject({ name: "Error", message: "S3 refused HEAD: 400" });
  });

  test("fails a copy within a 200, too", async () => {
    const body = "<?xml version='1.0'?><Error><Code>InternalError</Code></Error>";
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(body));
    const copied = blobs.copy("k", "l", { contentType: "text/plain", disposition: "inline" });
    await expect(copied).rejects.toMatchObject(unavailable);
  });

  test("is logged by S3's own word, without a key", async () => {
    const lines = vi.spyOn(console, "log");
    await expect(store({ S3_SECRET_ACCESS_KEY: "a-secret-of-ours" }).list("private/")).rejects.toThrow();
    const said = lines.mock.calls.flat().join();
    expect(said).toContain("403 SignatureDoesNotMatch");
    for (const word of ["a-secret-of-ours", "private/", config.S3_ACCESS_KEY_ID]) expect(said).not.toContain(word);
  });
});

describe("addresses", () => {
  const away = { S3_ENDPOINT: "https://s3.example.com", S3_BUCKET: "media", S3_REGION: "ru-central1" };
  const addressOf = async (changes: Partial<typeof config>) =>
    new URL(await store({ ...away, ...changes }).presignGet("a/b c+d", soon()));

  test("have the bucket in their path", async () => {
    const { origin, pathname, searchParams } = await addressOf({ S3_PATH_STYLE: true });
    expect([origin, pathname]).toEqual(["https://s3.example.com", "/media/a/b%20c%2Bd"]);
    expect(searchParams.get("X-Amz-Credential")).toMatch(/\/ru-central1\/s3\/aws4_request$/);
  });

  test("or in their host", async () => {
    const { origin, pathname } = await addressOf({ S3_PATH_STYLE: false });
    expect([origin, pathname]).toEqual(["https://media.s3.example.com", "/a/b%20c%2Bd"]);
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response());
    await store({ ...away, S3_PATH_STYLE: false }).ping();
    expect(String(fetched.mock.calls[0]?.[0])).toBe("https://media.s3.example.com/");
  });

  test("are none where S3 is not set up", () => {
    const { S3_ENDPOINT, ...without } = config;
    expect(connectBlobs({ ...without, S3_ENDPOINT: undefined })).toBeUndefined();
  });
});
