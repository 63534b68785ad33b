import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { group, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
});

async function said() {
  const room = await group(ann, bob);
  const path = `/conversations/${room.id}`;
  const { body: message } = await ann.call("POST", `${path}/messages`, { content: "hello" });
  return { room, path, message, reactions: `${path}/messages/${message.id}/reactions` };
}

describe("a reaction", () => {
  test("over REST is heard on every socket, shown with the message, and taken back; each may be repeated", async () => {
    const { room, path, message, reactions } = await said();
    const lines = [await Line.open(at, "/ws", bob.token), await Line.open(at, `${path}/ws`, ann.token)];
    const put = await bob.call("PUT", `${reactions}/${encodeURIComponent("👍🏽")}`);
    const event = { conversation_id: room.id, epoch: room.epoch, sequence: 2, message_id: message.id, emoji: "👍🏽" };
    expect([put.status, put.body]).toEqual([200, { ...event, on: true, user_id: bob.id }]);
    for (const line of lines) expect(await line.next()).toEqual({ type: "reaction", ...put.body });
    expect((await bob.call("PUT", `${reactions}/👍🏽`)).body).toEqual(put.body);
    const shown = async (who: Person) => (await who.call("GET", `${path}/messages`)).body.items[0];
    expect(await shown(bob)).toEqual({ ...message, reactions: [{ emoji: "👍🏽", user_ids: [bob.id] }] });
    expect((await ann.call("GET", `${path}/messages/${message.id}`)).body.reactions).toHaveLength(1);
    for (let time = 0; time < 2; time++) expect((await bob.call("DELETE", `${reactions}/👍🏽`)).status).toBe(204);
    for (const line of lines) expect(await line.next()).toMatchObject({ type: "reaction", on: false, sequence: 3 });
    expect(await shown(ann)).toEqual(message);
    expect((await bob.call("DELETE", `${reactions}/🎉`)).status).toBe(204);
    for (const line of lines) line.close();
  });

  test("of anything but an emoji, or on nothing, is refused", async () => {
    const { path, reactions } = await said();
    const wrong = await ann.call("PUT", `${reactions}/yes`);
    expect([wrong.status, wrong.body.errors]).toMatchObject([422, [{ path: "emoji" }]]);
    const missing = await ann.call("PUT", `${path}/messages/${randomUUID()}/reactions/👍`);
    expect([missing.status, missing.body.code]).toEqual([404, "MESSAGE_NOT_FOUND"]);
  });
});

describe("pinned messages", () => {
  test("are pinned by either socket and listed in pages, the one pinned last first", async () => {
    const { room, path, message } = await said();
    const { body: other } = await bob.call("POST", `${path}/messages`, { content: "other" });
    const [user, direct] = [await Line.open(at, "/ws", ann.token), await Line.open(at, `${path}/ws`, ann.token)];
    const frame = { type: "pin", conversation_id: room.id, on: true };
    const pinned = await user.ask({ ...frame, message_id: message.id });
    expect(pinned).toMatchObject({ ...frame, sequence: 3, message_id: message.id, user_id: ann.id });
    expect(await direct.next()).toEqual(pinned);
    expect(await direct.ask({ type: "pin", message_id: other.id, on: true })).toMatchObject({ sequence: 4 });
    const first = (await bob.call("GET", `${path}/pins?limit=1`)).body;
    expect(first.items).toEqual([{ message: other, pinned_by: ann.id, pinned_at: expect.any(String) }]);
    const second = (await bob.call("GET", `${path}/pins?limit=1&cursor=${first.next}`)).body;
    expect(second).toMatchObject({ items: [{ message: { id: message.id } }], next: null });
    const bobs = await Line.open(at, `${path}/ws`, bob.token);
    const refused = { type: "error", code: "PERMISSION_DENIED", ref: "r" };
    expect(await bobs.ask({ type: "pin", message_id: other.id, on: false, ref: "r" })).toMatchObject(refused);
    expect(await direct.ask({ type: "pin", message_id: other.id, on: false })).toMatchObject({
      on: false,
      sequence: 5,
    });
    expect((await bob.call("GET", `${path}/pins`)).body.items).toMatchObject([{ message: { id: message.id } }]);
    expect((await bob.call("GET", `${path}/pins?cursor=none`)).status).toBe(422);
    for (const line of [user, direct, bobs]) line.close();
  });
});
