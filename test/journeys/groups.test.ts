import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let eve: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob, eve] = await people(at, "Ann", "Bob", "Eve");
});

const v7 = () => `0199c0de-0000-7${randomUUID().slice(15)}`;

describe("a group", () => {
  test("is begun once under an id of the client's own; another's, or another body, is refused", async () => {
    for (const id of [randomUUID(), v7()]) {
      const body = { id: id.toUpperCase(), title: "Ours", participant_ids: [bob.id] };
      const made = await ann.call("POST", "/conversations", body);
      expect([made.status, made.body.id, made.body.kind]).toEqual([201, id, "group"]);
      expect(made.headers.get("Location")).toBe(`/api/v1/conversations/${id}`);
      const again = await ann.call("POST", "/conversations", body);
      expect([again.status, again.body]).toEqual([200, made.body]);
      for (const taken of [
        await bob.call("POST", "/conversations", body),
        await eve.call("POST", "/conversations", { id }),
        await ann.call("POST", "/conversations", { ...body, title: "Else" }),
        await ann.call("POST", "/conversations", { ...body, participant_ids: [bob.id, eve.id] }),
      ]) {
        expect([taken.status, taken.body.code]).toEqual([409, "CONFLICT"]);
      }
    }
    const pair = await ann.call("POST", "/conversations", { participant_ids: [bob.id] });
    for (const id of ["00000000-0000-1000-8000-000000000000", pair.body.id, "none"]) {
      const refused = await ann.call("POST", "/conversations", { id, title: "T" });
      expect([refused.status, refused.body.errors[0].path]).toEqual([422, "id"]);
    }
  });

  test("of one, of three, or of two with a title is a group; nobody unknown is in it", async () => {
    const bodies = [
      {},
      { title: "Two", participant_ids: [bob.id] },
      { participant_ids: [bob.id, eve.id, bob.id, ann.id] },
    ];
    for (const [index, body] of bodies.entries()) {
      const made = await ann.call("POST", "/conversations", body);
      expect(made.body).toMatchObject({ kind: "group", member_count: index + 1, me: { role: "OWNER" }, sequence: 0 });
    }
    const refused = await ann.call("POST", "/conversations", { participant_ids: [bob.id, randomUUID()] });
    expect([refused.status, refused.body.code]).toEqual([404, "USER_NOT_FOUND"]);
  });

  test("tells its other members by inbox, and who is added by member_added, then inbox", async () => {
    const [bobs, eves] = [await Line.open(at, "/ws", bob.token), await Line.open(at, "/ws", eve.token)];
    const anns = await Line.open(at, "/ws", ann.token);
    const room = await group(ann, bob);
    const inbox = { type: "inbox", conversation_id: room.id, sequence: 0, unread: 0, me: { role: "MEMBER" } };
    expect(await bobs.next()).toMatchObject({ ...inbox, conversation: { id: room.id, title: "A group" } });

    const added = await ann.call("POST", `/conversations/${room.id}/members`, { user_ids: [eve.id, bob.id, room.id] });
    expect(added.status).toBe(200);
    expect(added.body).toMatchObject({
      items: [{ user: { id: eve.id }, role: "MEMBER" }],
      not_added: [bob.id, room.id],
    });
    const event = { type: "member_added", sequence: 1, user_id: eve.id, user_name: "Eve", role: "MEMBER", by: ann.id };
    for (const line of [anns, bobs, eves]) {
      expect(await line.next()).toEqual({ ...event, conversation_id: room.id, epoch: room.epoch });
    }
    const place = { type: "inbox", conversation_id: room.id, sequence: 1, unread: 0 };
    expect(await eves.next()).toMatchObject({ ...place, conversation: { member_count: 3 } });
    await ann.call("POST", `/conversations/${room.id}/messages`, { content: "welcome" });
    for (const line of [anns, bobs, eves]) expect(await line.next()).toMatchObject({ content: "welcome", sequence: 2 });
  });

  test("lets go who is removed: the event, then 4403, then nothing, and all is 404", async () => {
    const room = await group(ann, bob, eve);
    const direct = await Line.open(at, `/conversations/${room.id}/ws`, eve.token);
    const hub = await Line.open(at, "/ws", eve.token);
    const anns = await Line.open(at, `/conversations/${room.id}/ws`, ann.token);
    const said = await anns.ask({ type: "message", content: "before" });
    for (const line of [direct, hub]) await line.ofType("message");
    const removed = await ann.call("DELETE", `/conversations/${room.id}/members/${eve.id}`);
    expect(removed.status).toBe(204);
    const event = { type: "member_removed", sequence: 2, user_id: eve.id, user_name: "Eve", by: ann.id };
    for (const line of [direct, hub, anns]) expect(await line.next()).toMatchObject(event);
    expect((await direct.ended()).code).toBe(4403);
    await anns.ask({ type: "message", content: "after" });
    const ours = await group(ann, eve);
    expect(await hub.next()).toMatchObject({ type: "inbox", conversation_id: ours.id });
    const gone = await hub.ask({ type: "message", conversation_id: room.id, content: "still here?" });
    expect(gone).toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    for (const path of ["", "/messages", `/messages/${said.id}`, "/members"]) {
      expect((await eve.call("GET", `/conversations/${room.id}${path}`)).status, path).toBe(404);
    }
    expect((await eve.call("GET", "/conversations")).body.items.map((item: Json) => item.id)).not.toContain(room.id);
    const back = await ann.call("POST", `/conversations/${room.id}/members`, { user_ids: [eve.id] });
    expect(back.body.items).toMatchObject([{ user: { id: eve.id }, read: 4 }]);
    expect(await hub.next()).toMatchObject({ type: "member_added", sequence: 4 });
    expect(await hub.next()).toMatchObject({ type: "inbox", conversation_id: room.id, unread: 0 });
  });

  test("is changed by its owner only: members may look, strangers see nothing", async () => {
    const room = await group(ann, bob);
    const at = `/conversations/${room.id}/members`;
    for (const [asker, status] of [
      [bob, 403],
      [eve, 404],
    ] as const) {
      expect((await asker.call("POST", at, { user_ids: [eve.id] })).status).toBe(status);
      expect((await asker.call("DELETE", `${at}/${ann.id}`)).status).toBe(status);
      // Permission is judged before the fields.
      expect((await asker.call("POST", at, { user_ids: "x" })).status).toBe(status);
    }
    expect((await ann.call("POST", at, { user_ids: "x" })).status).toBe(422);
    expect((await ann.call("DELETE", `${at}/${ann.id}`)).status).toBe(403);
    expect((await ann.call("DELETE", `${at}/${eve.id}`)).body).toMatchObject({ status: 404, code: "USER_NOT_FOUND" });
    const { items } = (await bob.call("GET", at)).body;
    const roles = new Map(items.map((item: Json) => [item.user.id, item.role]));
    expect(roles).toEqual(
      new Map([
        [ann.id, "OWNER"],
        [bob.id, "MEMBER"],
      ]),
    );
    expect((await ann.call("GET", `/conversations/${room.id}`)).body.sequence).toBe(0);
  });

  test("lists its members page by page in the order of joining", async () => {
    const room = await group(ann);
    for (const person of [eve, bob]) {
      await ann.call("POST", `/conversations/${room.id}/members`, { user_ids: [person.id] });
    }
    const names: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Json = await bob.call(
        "GET",
        `/conversations/${room.id}/members?limit=1${cursor && `&cursor=${cursor}`}`,
      );
      names.push(...page.body.items.map((item: Json) => item.user.name));
      cursor = page.body.next;
    }
    expect(names).toEqual(["Ann", "Eve", "Bob"]);
    const wrong = await bob.call("GET", `/conversations/${room.id}/members?cursor=mine`);
    expect([wrong.status, wrong.body.errors[0].path]).toEqual([422, "cursor"]);
  });
});

describe("a dialog", () => {
  test("is one for its pair, even when both begin it at the same moment", async () => {
    const [one, two] = await people(at, "One", "Two");
    const begin = (who: Person, other: Person) => who.call("POST", "/conversations", { participant_ids: [other.id] });
    const racing = await Promise.all([begin(one, two), begin(two, one), begin(one, two), begin(two, one)]);
    expect(new Set(racing.map((answer) => answer.body.id)).size).toBe(1);
    expect(racing.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 201]);
    expect(new Set(racing.map((answer) => answer.body.epoch)).size).toBe(1);
    const [first] = racing;
    expect(first?.body).toMatchObject({ kind: "dialog", peer: { id: two.id, name: "Two" }, me: { role: "MEMBER" } });
    expect(first?.body.id[14]).toBe("8");
    expect(first?.body.peer).not.toHaveProperty("email");
    const chosen = await two.call("POST", "/conversations", { participant_ids: [one.id], id: randomUUID() });
    expect([chosen.status, chosen.body.id, chosen.body.peer.id]).toEqual([200, first?.body.id, one.id]);
    for (const [method, path, body] of [
      ["POST", "", { user_ids: [ann.id] }],
      ["DELETE", `/${two.id}`, undefined],
    ] as const) {
      const refused = await one.call(method, `/conversations/${first?.body.id}/members${path}`, body);
      expect([refused.status, refused.body.code]).toEqual([403, "PERMISSION_DENIED"]);
    }
  });

  test("with oneself is a group of one", async () => {
    const made = await ann.call("POST", "/conversations", { participant_ids: [ann.id] });
    expect(made.body).toMatchObject({ kind: "group", member_count: 1 });
    expect(made.body).not.toHaveProperty("peer");
  });
});
