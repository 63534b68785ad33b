import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { group, type Json, type Person, people } from "../support/client.ts";
import { clientOf, closeClients, saidIn } from "../support/clients.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let room: Json;

beforeEach(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
  room = await group(ann, bob);
});

afterEach(closeClients);

/** Both, connected, with the conversation open. */
async function both() {
  const clients = await Promise.all([clientOf(at, ann), clientOf(at, bob)]);
  for (const client of clients) {
    client.connect();
    client.conversation(room.id).open();
  }
  const [anns, bobs] = clients;
  for (const client of clients) {
    await expect.poll(() => client.conversation(room.id).state.value.status).toBe("live");
  }
  return { anns, bobs, annsRoom: anns.conversation(room.id), bobsRoom: bobs.conversation(room.id) };
}

describe("two people", () => {
  test("hear each other, and what is said is pending until it is heard", async () => {
    const { anns, bobs, annsRoom } = await both();
    const id = await annsRoom.send({ content: "Hello" });
    expect(annsRoom.state.value.pending).toMatchObject([{ entry: { id, content: "Hello" } }]);
    await expect.poll(() => saidIn(bobs, room.id)).toEqual(["Hello"]);
    await expect.poll(() => saidIn(anns, room.id)).toEqual(["Hello"]);
    expect(annsRoom.state.value.pending).toEqual([]);
    expect(annsRoom.state.value.messages).toMatchObject([{ id, sender_id: ann.id }]);
  });

  test("see in the list what was said last, by whom it is read, and what is unread", async () => {
    const { anns, bobs, annsRoom, bobsRoom } = await both();
    await annsRoom.send({ content: "Look" });
    const item = (client: typeof anns) => client.conversations.state.value.items[0];
    await expect
      .poll(() => item(bobs)?.conversation)
      .toMatchObject({ last_message: { content: "Look" }, me: { unread: 1 } });
    await expect.poll(() => item(anns)?.othersDelivered).toBe(bobsRoom.state.value.head);
    bobsRoom.markRead(bobsRoom.state.value.head);
    await expect.poll(() => item(bobs)?.conversation.me.unread).toBe(0);
    await expect.poll(() => item(anns)?.othersRead).toBe(bobsRoom.state.value.head);
    expect(annsRoom.state.value.readers.get(bob.id)?.read).toBe(bobsRoom.state.value.head);
  });

  test("have what was begun on another device in the list once something is said there", async () => {
    const { anns } = await both();
    await expect.poll(() => anns.conversations.state.value.isLoaded).toBe(true);
    const begun = await group(ann, bob);
    await bob.call("POST", `/conversations/${begun.id}/messages`, { content: "Begun elsewhere" });
    await expect
      .poll(() => anns.conversations.state.value.items[0]?.conversation)
      .toMatchObject({ id: begun.id, last_message: { content: "Begun elsewhere" }, me: { unread: 1 } });
  });

  test("see each other type, and stop", async () => {
    const { annsRoom, bobsRoom } = await both();
    bobsRoom.typing();
    await expect.poll(() => annsRoom.state.value.typing).toMatchObject([{ user_id: bob.id, user_name: "Bob" }]);
    await bobsRoom.send({ content: "So" });
    await expect.poll(() => annsRoom.state.value.typing).toEqual([]);
  });

  test("edit, delete, pin and react, and both see it so", async () => {
    const { annsRoom, bobsRoom } = await both();
    const id = await annsRoom.send({ content: "Frist" });
    const shown = (one: typeof annsRoom) => one.state.value.messages.find((message) => message.id === id);
    await expect.poll(() => shown(bobsRoom)?.content).toBe("Frist");
    await annsRoom.edit(id, "First");
    await expect.poll(() => shown(annsRoom)?.content).toBe("First");
    await expect.poll(() => shown(bobsRoom)?.content).toBe("First");
    await bobsRoom.react(id, "👍", true);
    const reactions = [{ emoji: "👍", user_ids: [bob.id] }];
    await expect.poll(() => shown(bobsRoom)?.reactions).toEqual(reactions);
    await expect.poll(() => shown(annsRoom)?.reactions).toEqual(reactions);
    await annsRoom.pin(id, true);
    await expect.poll(() => bobsRoom.state.value.events.at(-1)).toMatchObject({ type: "pin", message_id: id });
    await annsRoom.delete(id);
    await expect.poll(() => shown(annsRoom)).toMatchObject({ is_deleted: true, content: "" });
    await expect.poll(() => shown(bobsRoom)?.is_deleted).toBe(true);
  });
});
