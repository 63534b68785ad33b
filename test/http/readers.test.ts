import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { type Account, call, get, newAccount, post } from "../support/accounts.ts";
import { Room, withLimits } from "../support/room.ts";

withLimits({ watermarksShown: 3 });

const as = ({ tokens }: Account) => ({ token: tokens.access_token });

async function stage() {
  const [ann, bob, cem] = [await newAccount("Ann"), await newAccount("Bob"), await newAccount("Cem")];
  const participant_ids = [bob, cem].map(({ user }) => user.id);
  const { body: room } = await post("/conversations", { title: "Lunch", participant_ids }, as(ann));
  const path = `/conversations/${room.id}`;
  const { body: message } = await post(`${path}/messages`, { content: "Today?" }, as(ann));
  return { ann, bob, cem, path, room: new Room(room.id), readers: `${path}/messages/${message.id}/readers` };
}

describe("GET .../readers", () => {
  test("tells who has read a message, in one page", async () => {
    const { ann, bob, cem, path, readers } = await stage();
    await post(`${path}/read`, { sequence: 1 }, as(bob));
    const { status, body } = await get(readers, as(ann));
    expect(status).toBe(200);
    expect(body.next).toBeNull();
    expect(body.items).toHaveLength(2);
    expect(body.items).toContainEqual({ user_id: bob.user.id, delivered: 1, read: 1 });
    expect(body.items).toContainEqual({ user_id: cem.user.id, delivered: 0, read: 0 });
  });

  test("of a message the object knows from the archive alone", async () => {
    const { ann, bob, room, readers } = await stage();
    await room.settled();
    await room.emptied();
    const { body } = await get(readers, as(ann));
    expect(body.items).toContainEqual({ user_id: bob.user.id, delivered: 0, read: 0 });
  });

  test("refuses strangers as if nothing were there, and what is not there", async () => {
    const { ann, bob, path, readers } = await stage();
    const eve = await newAccount("Eve");
    const codeOf = async (address: string, who: Account) => {
      const { status, body } = await get(address, as(who));
      return [status, body.code];
    };
    expect(await codeOf(readers, eve)).toEqual([404, "CONVERSATION_NOT_FOUND"]);
    expect(await codeOf(`/conversations/${newId()}/messages/${newId()}/readers`, eve)).toEqual([
      404,
      "CONVERSATION_NOT_FOUND",
    ]);
    expect(await codeOf(`${path}/messages/${newId()}/readers`, ann)).toEqual([404, "MESSAGE_NOT_FOUND"]);
    expect(await codeOf(`${path}/messages/nonsense/readers`, ann)).toEqual([404, "MESSAGE_NOT_FOUND"]);
    expect((await get(readers, {})).status).toBe(401);
    await post(`${path}/leave`, undefined, as(bob));
    expect(await codeOf(readers, bob)).toEqual([404, "CONVERSATION_NOT_FOUND"]);
  });

  test("refuses in a group too large for it", async () => {
    const { ann, path, readers } = await stage();
    const dot = await newAccount("Dot");
    await post(`${path}/members`, { user_ids: [dot.user.id] }, as(ann));
    const { status, body } = await call("GET", readers, as(ann));
    expect([status, body.code]).toEqual([409, "CONFLICT"]);
    expect(body.detail).toContain("more than 3 members");
  });
});
