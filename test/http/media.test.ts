import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { markUnused } from "../../src/db/leftovers.ts";
import { findMedia } from "../../src/db/media.ts";
import { media } from "../../src/db/schema.ts";
import { keys } from "../../src/services/keys.ts";
import { type Account, call, envWith, get, newAccount, post } from "../support/accounts.ts";
import { type Fate, whilePostgres, whileStore } from "../support/weather.ts";

const as = ({ tokens }: Account) => ({ token: tokens.access_token });
const bytes = new TextEncoder().encode("some words");

/** A ticket of somebody's, and its bytes in the store. */
async function uploaded(who: Account): Promise<string> {
  const wanted = { content_type: "text/plain", size: bytes.length, purpose: "message" };
  const { body } = await post("/media", wanted, as(who));
  const { method, url, headers } = body.upload;
  const sent = await fetch(url, { method, headers, body: bytes });
  expect(sent.status).toBe(200);
  await sent.arrayBuffer();
  return body.id;
}

const realFetch = globalThis.fetch;
const pixel: Uint8Array<ArrayBuffer> = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (letter) => letter.charCodeAt(0),
);

const steps = ["HEAD", "GET", "PUT", "DELETE"] as const;
const fates = ["away", "lost"] as const;

test.each(["half \ud800.txt", "photo\u202egpj.exe", "line\u0085.txt", "../up.txt", "c:\\\\up.txt", " "])(
  "a file is not called %j",
  async (name) => {
    const ann = await newAccount("Ann");
    const refused = await post("/media", { content_type: "text/plain", size: 1, purpose: "message", name }, as(ann));
    expect([refused.status, refused.body.errors?.[0].path]).toEqual([422, "name"]);
  },
);

describe("while the store is away", () => {
  test.each(steps.flatMap((step) => fates.map((fate) => [step, fate] as const)))(
    "an upload is not complete, and is when it is asked again: %s %s",
    async (step, fate) => {
      const ann = await newAccount("Ann");
      const id = await uploaded(ann);
      const broken = await whileStore(
        id,
        (request): Fate => (request.startsWith(`${step} `) ? fate : "fine"),
        () => post(`/media/${id}/complete`, undefined, as(ann)),
      );
      expect([broken.status, broken.body.code]).toEqual([503, "UNAVAILABLE"]);
      const done = await post(`/media/${id}/complete`, undefined, as(ann));
      expect([done.status, done.body.size]).toEqual([200, bytes.length]);
      const { body } = await get(`/media/${id}`, { ...as(ann), headers: { Accept: "application/json" } });
      expect(await (await fetch(body.url)).text()).toBe("some words");
    },
  );

  test("an upload that is taken back in that very moment leaves nothing", async () => {
    const ann = await newAccount("Ann");
    const id = await uploaded(ann);
    const { db, blobs } = connect(envWith({}));
    const done = await whileStore(
      id,
      async (request): Promise<Fate> => {
        if (request.startsWith("PUT ")) await db.delete(media).where(eq(media.id, id));
        return "fine";
      },
      () => post(`/media/${id}/complete`, undefined, as(ann)),
    );
    expect(done.status).toBe(404);
    expect(await blobs?.head(keys.private(id))).toBeUndefined();
  });

  test("bytes sent through the Worker are refused, and taken when they are sent again", async () => {
    const ann = await newAccount("Ann");
    const wanted = { content_type: "text/plain", size: bytes.length, purpose: "message" };
    const { id } = (await post("/media", wanted, as(ann))).body;
    const headers = { "Content-Type": "text/plain", "Content-Length": String(bytes.length) };
    const put = () => call("PUT", `/media/${id}/bytes`, { raw: "some words", ...as(ann), headers });
    const refused = await whileStore(id, () => "away", put);
    expect([refused.status, refused.body.code]).toEqual([503, "UNAVAILABLE"]);
    expect((await put()).status).toBe(204);
    expect((await post(`/media/${id}/complete`, undefined, as(ann))).status).toBe(200);
  });

  test("messages are said and files are sent: nothing of it is asked of the store", async () => {
    const ann = await newAccount("Ann");
    const id = await uploaded(ann);
    await post(`/media/${id}/complete`, undefined, as(ann));
    const { body: room } = await post("/conversations", { title: "Notes" }, as(ann));
    const sent = await whileStore(
      id,
      () => "away",
      () => post(`/conversations/${room.id}/messages`, { content: "", media_ids: [id] }, as(ann)),
    );
    expect([sent.status, sent.body.media[0].id]).toEqual([201, id]);
  });
});

describe("an avatar that is shown", () => {
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);

  async function avatar(who: Account): Promise<string> {
    const { body } = await post("/media", { content_type: "image/png", size: png.length, purpose: "avatar" }, as(who));
    await (await fetch(body.upload.url, { method: "PUT", headers: body.upload.headers, body: png })).arrayBuffer();
    expect((await post(`/media/${body.id}/complete`, undefined, as(who))).status).toBe(200);
    return body.id;
  }

  const show = (who: Account, media_id: string) => call("PUT", "/users/me/avatar", { body: { media_id }, ...as(who) });

  test("stays in use where only the answer was lost, or the one before it could not be taken away", async () => {
    const ann = await newAccount("Ann");
    const [first, second] = [await avatar(ann), await avatar(ann)];
    const lost = await whilePostgres(
      `avatars/${first}`,
      () => "lost",
      () => show(ann, first),
    );
    const undone = await whilePostgres(
      first,
      () => "away",
      () => show(ann, second),
    );
    expect([lost.status, undone.status]).toEqual([503, 503]);
    expect((await get("/users/me", as(ann))).body.avatar_url).toContain(second);
    const { db } = connect(envWith({}));
    const later = new Date(Date.now() + 1_000);
    await markUnused(db, later, later);
    expect(await findMedia(db, second)).toMatchObject({ id: second, unused_at: null });
  });

  test("can be used again where it was refused", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const { body: room } = await post("/conversations", { title: "Ours" }, as(bob));
    const id = await avatar(ann);
    expect((await call("PUT", `/conversations/${room.id}/avatar`, { body: { media_id: id }, ...as(ann) })).status).toBe(
      404,
    );
    expect((await show(ann, id)).status).toBe(200);
  });
});

describe("an upload that is changed while it is completed", () => {
  // By a GET it is looked at, by a PUT it is copied.
  test.each(["GET", "PUT"] as const)("is not complete: what was looked at is what is kept: %s", async (step) => {
    const ann = await newAccount("Ann");
    const wanted = { content_type: "image/png", size: pixel.length, purpose: "message" };
    const { id, upload } = (await post("/media", wanted, as(ann))).body;
    const put = async (body: BodyInit) => {
      const { method, url, headers } = upload;
      const sent = await realFetch(url, { method, headers, body });
      expect(sent.status).toBe(200);
      await sent.arrayBuffer();
    };
    await put(pixel);
    const changed = await whileStore(
      id,
      async (request): Promise<Fate> => {
        if (request.startsWith(`${step} `)) await put("<script>".padEnd(pixel.length, "x"));
        return "fine";
      },
      () => post(`/media/${id}/complete`, undefined, as(ann)),
    );
    expect([changed.status, changed.body.code]).toEqual([409, "CONFLICT"]);
    expect((await post(`/media/${id}/complete`, undefined, as(ann))).status).toBe(415);
  });
});

test("an image that says it is larger than there are is shown without its size", async () => {
  const ann = await newAccount("Ann");
  const huge = new Uint8Array([...pixel]);
  huge.set([0xff, 0xff, 0xff, 0xff], 16);
  const wanted = { content_type: "image/png", size: huge.length, purpose: "message" };
  const { id, upload } = (await post("/media", wanted, as(ann))).body;
  await (await fetch(upload.url, { method: upload.method, headers: upload.headers, body: huge })).arrayBuffer();
  const { status, body } = await post(`/media/${id}/complete`, undefined, as(ann));
  expect([status, Object.keys(body)]).toEqual([200, ["id", "content_type", "size", "url"]]);
});

describe("many at once", () => {
  test("two hundred files are each complete once, whoever asks twice", async () => {
    const ann = await newAccount("Ann");
    const ids: string[] = [];
    for (let at = 0; at < 200; at += 20)
      ids.push(...(await Promise.all(Array.from({ length: 20 }, () => uploaded(ann)))));
    const complete = (id: string) => post(`/media/${id}/complete`, undefined, as(ann));
    const done: number[] = [];
    for (let at = 0; at < ids.length; at += 20) {
      const some = ids.slice(at, at + 20);
      const answers = await Promise.all([...some, ...some].map(complete));
      done.push(...answers.map(({ status }) => status));
    }
    expect(done).toEqual(Array(400).fill(200));
  }, 60_000);
});
