import { describe, expect, test } from "vitest";
import { unreadElsewhere } from "../../src/db/push-devices.ts";
import { db, pair, Room, type Someone } from "../support/room.ts";

const unread = (who: Someone, except: string[] = [], now = Date.now()) => unreadElsewhere(db, who.id, { except, now });

describe("what is unread in all conversations of somebody", () => {
  test("is what others said there after their watermark and did not delete, muted and named ones left out", async () => {
    const { ann, bob, room } = await pair();
    const other = await Room.create([ann, bob]);
    const rooms = [room, other];
    for (const one of rooms) for (const words of ["a", "b", "c"]) await one.say(ann, words);
    const deleted = await room.say(ann, "d");
    await room.ask(ann, { type: "message_delete", message_id: deleted.id });
    await room.ask(bob, { type: "mark_read", sequence: 1 });
    await other.say(bob, "which reads all above it");
    await other.say(ann, "again");
    for (const one of rooms) await one.settled();
    expect(await unread(bob)).toBe(3);
    expect(await unread(bob, [room.id])).toBe(1);
    expect(await unread(bob, [room.id, other.id])).toBe(0);
    const until = Date.now() + 60_000;
    await room.ask(bob, { type: "change_mine", change: { muted_until: new Date(until).toISOString() } });
    await room.settled();
    expect(await unread(bob)).toBe(1);
    expect(await unread(bob, [], until)).toBe(3);
  });

  test("ends with the conversation, and with being in it", async () => {
    const { ann, bob, room } = await pair();
    const other = await Room.create([ann, bob]);
    for (const one of [room, other]) await one.say(ann);
    await room.remove(ann, bob);
    await other.ask(ann, { type: "delete" });
    for (const one of [room, other]) await one.settled();
    expect(await unread(bob)).toBe(0);
  });
});
