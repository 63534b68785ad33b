import { randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createMedia } from "../../src/client/media.ts";
import { createUpload } from "../../src/client/upload.ts";
import { group, type Json, type Person, people } from "../support/client.ts";
import { signInTo, tab } from "../support/sdk.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let room: Json;
let call: ReturnType<typeof tab>["call"];

/** Requests as `PUT store` or `POST /media`, in their order. */
let asked: string[] = [];
/** What is answered to a request to the store in place of what it says. */
let instead: (request: RequestInit) => Promise<Response> | undefined = () => undefined;

const through: typeof fetch = async (input, init = {}) => {
  const url = String(input);
  const isStore = !url.startsWith(at.url);
  asked.push(
    `${init.method} ${isStore ? "store" : new URL(url).pathname.replace("/api/v1", "").replace(uuid, "{id}")}`,
  );
  return await ((isStore ? instead(init) : undefined) ?? fetch(input, init));
};
const uuid = /[0-9a-f-]{36}/;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
  room = await group(ann, bob);
  const anns = tab(at, undefined, through);
  await signInTo(anns, at, ann);
  call = anns.call;
});

beforeEach(() => {
  asked = [];
  instead = () => undefined;
});

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const picture = () => new Blob([pixel, randomBytes(100_000)], { type: "image/png" });
const upload = (file: Blob, more: object = {}) =>
  createUpload(call, through)(file, { purpose: "message", name: "a.png", conversation_id: room.id, ...more });
const whole = ["POST /media", "PUT store", "POST /media/{id}/complete"];

/** So often the store does that, then what it does. */
function first(times: number, does: () => Promise<Response>) {
  let left = times;
  instead = () => (left-- > 0 ? does() : undefined);
}

const breaks = () => Promise.reject(new TypeError("The line broke"));
const says = (status: number) => () => Promise.resolve(new Response(null, { status }));

describe("an upload", () => {
  test("can be sent and had by the others, and its progress is told", async () => {
    const [file, told]: [Blob, number[][]] = [picture(), []];
    const { id } = await upload(file, { onProgress: (...progress: number[]) => told.push(progress) });
    expect(told).toEqual([
      [0, file.size],
      [file.size, file.size],
    ]);
    expect(asked).toEqual(whole);
    const path = { id: room.id };
    const said = await call("POST /conversations/{id}/messages", { path, body: { content: "", media_ids: [id] } });
    expect(said.media).toMatchObject([{ id, name: "a.png", size: file.size, content_type: "image/png", width: 1 }]);
    const bobs = tab(at);
    await signInTo(bobs, at, bob);
    const { address, mediaUrl } = createMedia({ url: at.url, call: bobs.call });
    const [url, same] = await Promise.all([mediaUrl(id), mediaUrl(id)]);
    expect(same).toBe(url);
    expect(await (await fetch(url)).bytes()).toEqual(await file.bytes());
    expect(address(said.media[0]?.url ?? "")).toBe(`${at.url}/api/v1/media/${id}`);
    expect(address(url)).toBe(url);
  });

  test("of a file without a type is one of bytes", async () => {
    expect(await upload(new Blob([randomBytes(50)]))).toMatchObject({ content_type: "application/octet-stream" });
  });

  test("is tried again where the line broke, or the store was busy", async () => {
    first(1, breaks);
    expect(await upload(picture())).toHaveProperty("id");
    first(1, says(503));
    expect(await upload(picture())).toHaveProperty("id");
    expect(asked.filter((one) => one === "PUT store")).toHaveLength(4);
  });

  test("gets another ticket where the first has run out", async () => {
    first(1, says(403));
    expect(await upload(picture())).toHaveProperty("id");
    expect(asked.filter((one) => one !== "DELETE /media/{id}")).toEqual(["POST /media", "PUT store", ...whole]);
  });
});

describe("refuses", () => {
  test("what the server does not take, with its reason", async () => {
    const script = new Blob(["x"], { type: "text/html" });
    await expect(upload(script)).rejects.toMatchObject({ status: 415, code: "UNSUPPORTED_MEDIA_TYPE" });
    const lie = new Blob(["no picture"], { type: "image/png" });
    await expect(upload(lie)).rejects.toMatchObject({ status: 415, code: "UNSUPPORTED_MEDIA_TYPE" });
  });

  test("where no try gets through", async () => {
    first(Number.POSITIVE_INFINITY, breaks);
    await expect(upload(picture())).rejects.toMatchObject({ name: "PingMeError", status: 0, code: "OFFLINE" });
    expect(asked.filter((one) => one === "PUT store")).toHaveLength(4);
  });

  test("where the store says no and no ticket helps", async () => {
    first(Number.POSITIVE_INFINITY, says(403));
    await expect(upload(picture())).rejects.toMatchObject({ name: "PingMeError", status: 403, code: "UNAVAILABLE" });
    expect(asked.filter((one) => one === "PUT store")).toHaveLength(2);
  });

  test("at once where one gives up, and takes back what was begun", async () => {
    const [control, reason] = [new AbortController(), new Error("Never mind")];
    instead = ({ signal }) => {
      control.abort(reason);
      expect(signal?.aborted).toBe(true);
      return breaks();
    };
    await expect(upload(picture(), { signal: control.signal })).rejects.toBe(reason);
    await expect.poll(() => asked).toEqual(["POST /media", "PUT store", "DELETE /media/{id}"]);
  });
});
