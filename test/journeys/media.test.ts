import { createHash, randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, call, group, type Json, Line, type Person, people } from "../support/client.ts";
import { needsMedia } from "../support/needs.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  at = await server();
  await needsMedia(at);
  [ann, bob, eve] = await people(at, "Ann", "Bob", "Eve");
});

/** A PNG of one pixel, and whatever follows it. */
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const sha = (bytes: ArrayBuffer | Buffer) =>
  createHash("sha256")
    .update(Buffer.from(bytes as Buffer))
    .digest("hex");

interface File {
  bytes: Buffer;
  content_type: string;
  name?: string;
  purpose?: string;
}

const picture = (): File => ({ bytes: Buffer.concat([pixel, randomBytes(2_000)]), content_type: "image/png" });

function askTicket(who: Person, { bytes, content_type, name, purpose = "message" }: File): Promise<Answer> {
  return who.call("POST", "/media", { content_type, size: bytes.length, name, purpose });
}

function send({ method, url, headers }: Json, bytes: Buffer, changed: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method, headers: { ...headers, ...changed }, body: new Uint8Array(bytes) });
}

/** Straight to the store, as a browser does it. */
async function upload(who: Person, file: File): Promise<Json> {
  const { body } = await askTicket(who, file);
  const sent = await send(body.upload, file.bytes);
  expect(sent.status).toBe(200);
  await sent.arrayBuffer();
  const done = await who.call("POST", `/media/${body.id}/complete`);
  expect([done.status, done.body.code]).toEqual([200, undefined]);
  return done.body;
}

/** What somebody finds under a file's address. */
async function download(who: Person, id: string, headers: Record<string, string> = {}): Promise<Response> {
  const options = { token: who.token, headers: { Accept: "application/json" } };
  const { status, body } = await call(at, "GET", `/api/v1/media/${id}`, options);
  expect(status).toBe(200);
  return await fetch(body.url, { headers });
}

async function sendMessage(who: Person, roomId: string, fields: Json): Promise<Answer> {
  return await who.call("POST", `/conversations/${roomId}/messages`, { content: "", ...fields });
}

describe("an upload", () => {
  test("goes straight to the store, is sent with a message, and is read by the members alone", async () => {
    const room = await group(ann, bob);
    const file = { ...picture(), name: 'Кот & "пёс".png' };
    const media = await upload(ann, file);
    expect(media).toEqual({
      ...{ id: media.id, content_type: "image/png", size: file.bytes.length, name: file.name, width: 1, height: 1 },
      url: `/api/v1/media/${media.id}`,
    });
    const line = await Line.open(at, `/conversations/${room.id}/ws`, bob.token);
    const sent = await sendMessage(ann, room.id, { media_ids: [media.id] });
    expect([sent.status, sent.body.media]).toEqual([201, [media]]);
    expect(await line.next()).toMatchObject({ type: "message", content: "", media: [media] });
    const got = await download(bob, media.id);
    expect([got.status, sha(await got.arrayBuffer())]).toEqual([200, sha(file.bytes)]);
    expect(got.headers.get("content-type")).toBe("image/png");
    expect(got.headers.get("content-disposition")).toMatch(/^inline; filename="___ & ____.+filename\*=UTF-8''%D0%9A/);
    const part = await download(bob, media.id, { Range: "bytes=8-15" });
    expect([part.status, sha(await part.arrayBuffer())]).toEqual([206, sha(file.bytes.subarray(8, 16))]);
    const redirect = await call(at, "GET", `/api/v1/media/${media.id}`, { token: bob.token });
    expect([
      redirect.status,
      new URL(redirect.headers.get("Location") ?? "").searchParams.has("X-Amz-Signature"),
    ]).toEqual([302, true]);
    const address = new URL(redirect.headers.get("Location") ?? "");
    expect(address.searchParams.get("X-Amz-Expires")).toMatch(/^30[01]$/); // seconds: who is removed has it for so long
    expect(redirect.headers.get("Cache-Control")).toBe("private, no-store");
    expect((await eve.call("GET", `/media/${media.id}`)).status).toBe(404);
    expect((await call(at, "GET", `/api/v1/media/${media.id}`)).status).toBe(401);
    line.close();
  });

  test("is bound to its type and length, and to whom it was given", async () => {
    const file = picture();
    const { body } = await askTicket(ann, file);
    expect(Object.keys(body.upload.headers)).toEqual(["content-type"]);
    for (const response of [
      await send(body.upload, file.bytes.subarray(1)),
      await send(body.upload, file.bytes, { "content-type": "text/html" }),
      await send({ ...body.upload, url: body.upload.url.replace(body.id, randomUUID()) }, file.bytes),
    ]) {
      expect(response.status).toBe(403);
      await response.arrayBuffer();
    }
    const early = await ann.call("POST", `/media/${body.id}/complete`);
    expect([early.status, early.body.code]).toEqual([409, "CONFLICT"]);
    expect((await bob.call("POST", `/media/${body.id}/complete`)).status).toBe(404);
  });

  test("of something else than it says is refused, and of what may not be uploaded", async () => {
    const page = { bytes: Buffer.from("<!doctype html><script>alert(1)</script>"), content_type: "image/png" };
    const { body } = await askTicket(ann, page);
    await (await send(body.upload, page.bytes)).arrayBuffer();
    const refused = await ann.call("POST", `/media/${body.id}/complete`);
    expect([refused.status, refused.body.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
    for (const content_type of ["text/html", "image/svg+xml"]) {
      expect((await askTicket(ann, { bytes: page.bytes, content_type })).status).toBe(415);
    }
    const large = await ann.call("POST", "/media", {
      content_type: "image/png",
      size: 11 * 1024 ** 2,
      purpose: "message",
    });
    expect([large.status, large.body.code]).toEqual([413, "TOO_LARGE"]);
    const wrong = await ann.call("POST", "/media", { content_type: "png", size: 0, purpose: "message", name: "../x" });
    expect(wrong.body.errors.map((error: Json) => error.path).sort()).toEqual(["content_type", "name", "size"]);
  });

  test("may go through this server, streamed, of just the length that was said", async () => {
    const file = { bytes: randomBytes(3 * 1024 ** 2), content_type: "application/octet-stream" };
    const { body } = await askTicket(ann, file);
    const put = (bytes: Buffer, type = file.content_type) =>
      fetch(`${at.url}/api/v1/media/${body.id}/bytes`, {
        method: "PUT",
        headers: { Authorization: `Bearer ${ann.token}`, "Content-Type": type },
        body: new Uint8Array(bytes),
      });
    expect((await put(file.bytes.subarray(1))).status).toBe(422);
    expect((await put(file.bytes, "image/png")).status).toBe(415);
    expect((await put(file.bytes)).status).toBe(204);
    expect((await ann.call("POST", `/media/${body.id}/complete`)).status).toBe(200);
    expect((await ann.call("POST", `/media/${body.id}/complete`)).status).toBe(200);
    expect((await put(file.bytes)).status).toBe(409);
    const got = await download(ann, body.id);
    expect(sha(await got.arrayBuffer())).toBe(sha(file.bytes));
    expect(got.headers.get("content-disposition")).toBe("attachment");
  });
});

describe("a message with files", () => {
  test("takes only one's own that are ready, each once; what it was refused can be sent again", async () => {
    const room = await group(ann, bob);
    const [one, two] = [await upload(ann, picture()), await upload(ann, picture())];
    const { body: unready } = await askTicket(ann, picture());
    const wrong = async (who: Person, media_ids: string[]) => {
      const { status, body } = await sendMessage(who, room.id, { media_ids });
      return [status, body.errors?.[0].path];
    };
    expect(await wrong(bob, [one.id])).toEqual([422, "media_ids.0"]);
    expect(await wrong(ann, [one.id, unready.id])).toEqual([422, "media_ids.1"]);
    expect(await wrong(ann, [one.id, one.id])).toEqual([422, "media_ids"]);
    expect(await wrong(ann, [])).toEqual([422, "content"]);
    const id = randomUUID();
    const sent = await sendMessage(ann, room.id, { id, media_ids: [two.id, one.id] });
    expect(sent.body.media.map((media: Json) => media.id)).toEqual([two.id, one.id]);
    expect((await sendMessage(ann, room.id, { id, media_ids: [two.id, one.id] })).body).toEqual(sent.body);
    expect((await sendMessage(ann, room.id, { id, media_ids: [one.id, two.id] })).status).toBe(409);
    expect(await wrong(ann, [one.id])).toEqual([422, "media_ids.0"]);
    expect((await ann.call("DELETE", `/media/${one.id}`)).status).toBe(409);
    const line = await Line.open(at, "/ws", ann.token);
    const frame = { type: "message", conversation_id: room.id, content: "", media_ids: [one.id], ref: "r" };
    expect(await line.ask(frame)).toMatchObject({ type: "error", code: "INVALID_CONTENT", ref: "r" });
    line.close();
  });

  test("and its forwards share the bytes, which go with the last of them", async () => {
    const [source, target] = [await group(ann, bob), await group(ann, eve)];
    const media = await upload(bob, picture());
    const { body: said } = await sendMessage(bob, source.id, { media_ids: [media.id], content: "look" });
    const path = `/conversations/${source.id}/messages/${said.id}`;
    const { body: copy } = await ann.call("POST", `${path}/forward`, { conversation_id: target.id });
    expect(copy.media).toEqual([media]);
    const signed = (await download(eve, media.id)).url;
    expect((await bob.call("DELETE", path)).status).toBe(204);
    expect((await bob.call("GET", `/media/${media.id}`)).status).toBe(404);
    await expect.poll(async () => (await ann.call("GET", `/conversations/${source.id}/media`)).body.items).toEqual([]);
    expect((await download(eve, media.id)).status).toBe(200);
    const files = (await eve.call("GET", `/conversations/${target.id}/media`)).body;
    expect(files).toMatchObject({ items: [{ media, message_id: copy.id, sender_id: ann.id }], next: null });
    await ann.call("DELETE", `/conversations/${target.id}/messages/${copy.id}`);
    expect((await eve.call("GET", `/media/${media.id}`)).status).toBe(404);
    const status = async () => {
      const response = await fetch(signed);
      await response.arrayBuffer();
      return response.status;
    };
    await expect.poll(status, { timeout: 15_000 }).toBe(404);
  });

  test("is there for its members, however often it was forwarded to where it is gone", async () => {
    const [source, gone] = [await group(ann, bob, eve), await group(bob, eve)];
    const media = await upload(ann, picture());
    const { body: said } = await sendMessage(ann, source.id, { media_ids: [media.id] });
    const path = `/conversations/${source.id}/messages/${said.id}/forward`;
    for (let time = 0; time < 9; time++) {
      expect((await bob.call("POST", path, { conversation_id: gone.id })).status).toBe(201);
    }
    expect((await bob.call("DELETE", `/conversations/${gone.id}`)).status).toBe(204);
    expect((await download(eve, media.id)).status).toBe(200);
  });

  test("is gone from who was removed, and from the list when it is deleted", async () => {
    const room = await group(ann, bob);
    const ids: string[] = [];
    for (let nth = 0; nth < 3; nth++) ids.push((await upload(ann, picture())).id);
    const { body: said } = await sendMessage(ann, room.id, { media_ids: ids.slice(0, 2) });
    await sendMessage(ann, room.id, { media_ids: ids.slice(2) });
    const seen: string[] = [];
    for (let cursor = ""; ; ) {
      const page = (await bob.call("GET", `/conversations/${room.id}/media?limit=1${cursor}`)).body;
      seen.push(...page.items.map((item: Json) => item.media.id));
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(seen).toEqual([ids[2], ids[1], ids[0]]);
    await ann.call("DELETE", `/conversations/${room.id}/messages/${said.id}`);
    const left = (await bob.call("GET", `/conversations/${room.id}/media`)).body.items;
    expect(left.map((item: Json) => item.media.id)).toEqual([ids[2]]);
    await ann.call("DELETE", `/conversations/${room.id}/members/${bob.id}`);
    expect((await bob.call("GET", `/media/${ids[2]}`)).status).toBe(404);
    expect((await bob.call("GET", `/conversations/${room.id}/media`)).status).toBe(404);
  });
});

describe("an avatar", () => {
  test("of a user is seen by everybody under an address of its own, until another takes its place", async () => {
    const [first, second] = [
      await upload(ann, { ...picture(), purpose: "avatar" }),
      await upload(ann, { ...picture(), purpose: "avatar" }),
    ];
    const me = await ann.call("PUT", "/users/me/avatar", { media_id: first.id });
    expect(me.status).toBe(200);
    const { avatar_url } = me.body;
    expect((await eve.call("GET", `/users/${ann.id}`)).body.avatar_url).toBe(avatar_url);
    const shown = await fetch(avatar_url);
    expect([shown.status, shown.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
    expect(shown.headers.get("content-disposition")).toBe("inline");
    expect(shown.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(shown.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await shown.arrayBuffer()).byteLength).toBe(first.size);
    expect((await ann.call("PUT", "/users/me/avatar", { media_id: first.id })).status).toBe(422);
    expect((await bob.call("PUT", "/users/me/avatar", { media_id: second.id })).status).toBe(422);
    const changed = await ann.call("PUT", "/users/me/avatar", { media_id: second.id });
    expect(changed.body.avatar_url).not.toBe(avatar_url);
    expect((await ann.call("DELETE", "/users/me/avatar")).status).toBe(204);
    expect((await ann.call("GET", "/users/me")).body).not.toHaveProperty("avatar_url");
  });

  test("of a group is told to its members; one of a message is none", async () => {
    const room = await group(ann, bob);
    const [avatar, other] = [await upload(ann, { ...picture(), purpose: "avatar" }), await upload(ann, picture())];
    const line = await Line.open(at, "/ws", bob.token);
    const path = `/conversations/${room.id}/avatar`;
    expect((await bob.call("PUT", path, { media_id: avatar.id })).status).toBe(403);
    expect((await ann.call("PUT", path, { media_id: other.id })).status).toBe(422);
    const { status, body } = await ann.call("PUT", path, { media_id: avatar.id });
    expect(status).toBe(200);
    expect(await line.next()).toMatchObject({ type: "conversation_updated", avatar_url: body.avatar_url, by: ann.id });
    expect((await fetch(body.avatar_url)).status).toBe(200);
    expect((await ann.call("DELETE", path)).status).toBe(204);
    expect(await line.next()).toMatchObject({ type: "conversation_updated", avatar_url: null });
    expect((await bob.call("GET", `/conversations/${room.id}`)).body).not.toHaveProperty("avatar_url");
    line.close();
  });
});
