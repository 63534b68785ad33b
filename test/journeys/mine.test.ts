import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
});

async function pair() {
  [ann, bob] = await people(at, "Ann", "Bob");
  return await Promise.all([group(ann, bob), group(ann, bob), group(ann, bob)]);
}

const listed = async (query = "", who = ann): Promise<Json[]> =>
  (await who.call("GET", `/conversations${query}`)).body.items;
const ids = (items: Json[]) => items.map((item) => item.id);
const mine = (room: Json, change: object) => ann.call("PATCH", `/conversations/${room.id}/me`, change);

describe("my place in a conversation", () => {
  test("is right in the next list, on all my devices, and nobody else's business", async () => {
    const [one, two] = await pair();
    const devices = [await Line.open(at, "/ws", ann.token), await Line.open(at, "/ws", ann.token)];
    const bobs = await Line.open(at, "/ws", bob.token);
    const direct = await Line.open(at, `/conversations/${one.id}/ws`, ann.token);
    const muted_until = "2031-05-01T12:00:00.000Z";
    for (const [change, me] of [
      [{ pinned: true }, { pinned: true }],
      [{ muted_until: "2031-05-01T14:00:00+02:00" }, { muted_until }],
      [{ archived: true }, { archived: true, pinned: true, muted_until }],
      [
        { pinned: false, archived: false, muted_until: null },
        { pinned: false, archived: false },
      ],
      [{ hidden: true }, { hidden: true }],
      [{ hidden: false }, { hidden: false }],
    ]) {
      const changed = await mine(one, change as object);
      expect([changed.status, changed.body.me]).toEqual([200, expect.objectContaining(me)]);
      if (change === null) expect(changed.body.me).not.toHaveProperty("muted_until");
      const found = (await listed()).find((item) => item.id === one.id);
      if ((me as Json).hidden) expect(found).toBeUndefined();
      else expect(found?.me).toEqual(changed.body.me);
      for (const line of devices) {
        expect(await line.next()).toEqual({
          type: "inbox",
          conversation_id: one.id,
          sequence: 0,
          unread: 0,
          me: changed.body.me,
        });
      }
    }
    await mine(one, { hidden: false });
    await ann.call("POST", `/conversations/${two.id}/messages`, { content: "a fence" });
    for (const line of [...devices, bobs]) expect(await line.next()).toMatchObject({ type: "message" });
    expect(await direct.rest()).toEqual([]);
    expect((await listed("", bob)).find((item) => item.id === one.id)?.me.pinned).toBe(false);
    for (const line of [...devices, bobs, direct]) line.close();
  });

  test("pinned is on top of the list, archived can be asked for, over pages", async () => {
    const [one, two, three] = await pair();
    for (const room of [one, two, three])
      await ann.call("POST", `/conversations/${room.id}/messages`, { content: "." });
    expect(ids(await listed())).toEqual([three.id, two.id, one.id]);
    await mine(one, { pinned: true });
    await mine(two, { archived: true });
    expect(ids(await listed())).toEqual([one.id, three.id, two.id]);
    expect(ids(await listed("?archived=true"))).toEqual([two.id]);
    expect(ids(await listed("?archived=false"))).toEqual([one.id, three.id]);
    const seen: string[] = [];
    for (let cursor = ""; ; ) {
      const { items, next }: Json = (await ann.call("GET", `/conversations?limit=1${cursor}`)).body;
      seen.push(...ids(items));
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    expect(seen).toEqual([one.id, three.id, two.id]);
    expect((await ann.call("GET", "/conversations?archived=maybe")).status).toBe(422);
  });

  test.each([
    [{ muted_until: "soon" }, 422],
    [{ pinned: "yes" }, 422],
    [{ archived: null }, 422],
    [[], 400],
    [undefined, 400],
  ])("is refused as %j", async (change, status) => {
    const [room] = await pair();
    expect((await ann.call("PATCH", `/conversations/${room.id}/me`, change)).status).toBe(status);
  });
});

describe("a dialog", () => {
  test.each([
    ["DELETE", ""],
    ["POST", "/leave"],
  ])("ended by %s %s is hidden for oneself until something is said, or it is begun again", async (method, suffix) => {
    const [one, two] = await people(at, "One", "Two");
    [ann, bob] = [one, two];
    const { body: dialog } = await ann.call("POST", "/conversations", { participant_ids: [bob.id] });
    const path = `/conversations/${dialog.id}`;
    await bob.call("POST", `${path}/messages`, { content: "hello" });
    expect((await ann.call(method, `${path}${suffix}`)).status).toBe(204);
    expect(ids(await listed())).toEqual([]);
    expect(ids(await listed("", bob))).toEqual([dialog.id]);
    expect((await ann.call("GET", path)).body.me.hidden).toBe(true);
    await bob.call("POST", `${path}/messages`, { content: "are you there?" });
    const [back] = await listed();
    expect(back).toMatchObject({
      id: dialog.id,
      me: { hidden: false, unread: 2 },
      last_message: { content: "are you there?" },
    });
    await ann.call(method, `${path}${suffix}`);
    const again = await ann.call("POST", "/conversations", { participant_ids: [bob.id] });
    expect([again.status, again.body.me.hidden]).toEqual([200, false]);
    expect(ids(await listed())).toEqual([dialog.id]);
  });
});

describe("a group's title and description", () => {
  test("are changed before everybody's eyes, and in the next list", async () => {
    const [room] = await pair();
    const bobs = await Line.open(at, "/ws", bob.token);
    const path = `/conversations/${room.id}`;
    const changed = await ann.call("PATCH", path, { title: "  Обед  ", description: "Где?\nТам.", public: true });
    expect(changed.body).toMatchObject({ title: "Обед", description: "Где?\nТам.", public: true, sequence: 1 });
    const { updated_at } = changed.body;
    expect(await bobs.next()).toEqual({
      ...{ type: "conversation_updated", conversation_id: room.id, epoch: room.epoch, sequence: 1 },
      ...{ title: "Обед", description: "Где?\nТам.", public: true, by: ann.id, updated_at },
    });
    expect((await listed("", bob)).find((item) => item.id === room.id)).toMatchObject({ title: "Обед", updated_at });
    const same = await ann.call("PATCH", path, { title: "Обед" });
    expect(same.body).toMatchObject({ sequence: 1, updated_at });
    const cleared = await ann.call("PATCH", path, { title: null, description: null });
    expect(cleared.body).toMatchObject({ title: null, kind: "group", sequence: 2 });
    expect(cleared.body).not.toHaveProperty("description");
    expect(await bobs.next()).toMatchObject({ type: "conversation_updated", title: null, description: null });
    for (const [body, field] of [
      [{ title: " " }, "title"],
      [{ title: "a\nb" }, "title"],
      [{ title: "x".repeat(129) }, "title"],
      [{ description: "x".repeat(1_001) }, "description"],
      [{ public: 1 }, "public"],
    ] as const) {
      const refused = await ann.call("PATCH", path, body);
      expect([refused.status, refused.body.errors[0].path]).toEqual([422, field]);
    }
    bobs.close();
  });
});

describe("a deleted group", () => {
  test("is gone at once for all, on every way, and back as it was when its owner restores it", async () => {
    const [room] = await pair();
    const path = `/conversations/${room.id}`;
    await bob.call("POST", `${path}/messages`, { content: "before" });
    const direct = await Line.open(at, `${path}/ws`, bob.token);
    const user = await Line.open(at, "/ws", bob.token);
    expect((await ann.call("DELETE", path)).status).toBe(204);
    const event = { type: "conversation_deleted", conversation_id: room.id, sequence: 2, by: ann.id };
    for (const line of [direct, user]) expect(await line.next()).toMatchObject(event);
    expect((await direct.ended()).code).toBe(4404);
    for (const who of [ann, bob]) {
      expect(ids(await listed("", who))).not.toContain(room.id);
      for (const suffix of ["", "/messages", "/members", "/invites"]) {
        expect((await who.call("GET", `${path}${suffix}`)).status, suffix).toBe(404);
      }
    }
    expect((await ann.call("DELETE", path)).status).toBe(404);
    const back = await ann.call("POST", `${path}/restore`);
    expect([back.status, back.body.sequence, back.body.last_message.content]).toEqual([200, 3, "before"]);
    expect(await user.next()).toMatchObject({ type: "conversation_updated", deleted: false, sequence: 3 });
    expect(ids(await listed("", bob))).toContain(room.id);
    expect((await ann.call("POST", `${path}/restore`)).body.sequence).toBe(3);
    user.close();
  });
});
