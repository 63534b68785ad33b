import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Command, Person } from "../../src/protocol/commands.ts";
import { limits } from "../../src/protocol/limits.ts";
import { person } from "../support/people.ts";
import { ann, bob, cem, people, World } from "../support/world.ts";

const ids = Array.from({ length: 5 }, (_, at) => `01890000-0000-7000-8000-1000000000${at}0`);

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant("message" as const),
    content: fc.constantFrom("one", "two"),
    id: fc.constantFrom(...ids),
  }),
  fc.record({ type: fc.constant("message" as const), content: fc.string(), reply_to: fc.constantFrom(...ids) }),
  fc.record({ type: fc.constantFrom("mark_read" as const, "ack" as const), sequence: fc.nat(12) }),
  fc.record({ type: fc.constantFrom("mark_read" as const, "ack" as const), message_id: fc.constantFrom(...ids) }),
  fc.record({ type: fc.constantFrom("subscribe" as const, "sync" as const), since: fc.nat(12) }),
  fc.record({ type: fc.constant("add_members" as const), people: fc.constant<Person[]>([cem, bob]) }),
  fc.constantFrom(...people).map(({ user_id }) => ({ type: "remove_member" as const, user_id })),
);
const commands = fc.array(fc.tuple(command, fc.constantFrom(...people)), { maxLength: 60 });

describe("the rules of a conversation", () => {
  test("give dense sequences, one message an id, rising watermarks; what is refused changes nothing", () => {
    fc.assert(
      fc.property(commands, (commands) => {
        const world = new World();
        for (const [command, who] of commands) {
          const before = world.room;
          const outcome = world.do(command, who.user_id);
          if (!outcome.ok) expect(world.room).toBe(before);
          for (const [id, { read, delivered, joined_sequence }] of world.room.members) {
            const earlier = before.members.get(id);
            expect(read).toBeLessThanOrEqual(delivered);
            expect(delivered).toBeLessThanOrEqual(world.room.head);
            if (earlier?.joined_sequence !== joined_sequence) continue;
            expect(read).toBeGreaterThanOrEqual(earlier.read);
            expect(delivered).toBeGreaterThanOrEqual(earlier.delivered);
          }
        }
        const events = world.frames.map((frame) => JSON.parse(frame));
        expect(events.map((event) => event.sequence)).toEqual(events.map((_, at) => at + 1));
        const said = events.filter((event) => event.type === "message").map((event) => event.id);
        expect(new Set(said).size).toBe(said.length);
      }),
    );
  });

  test("let a repeat change nothing, and tell another body or sender that the id is taken", () => {
    const world = new World();
    const first = { type: "message" as const, content: "one", id: ids[0] };
    world.do(first);
    expect(world.do(first)).toMatchObject({ ok: true, events: [], members: [], repeat: { sequence: 1 } });
    expect(world.do({ ...first, content: "two" })).toMatchObject({ code: "CONFLICT" });
    expect(world.do({ ...first, mentions: [bob.user_id] })).toMatchObject({ code: "CONFLICT" });
    expect(world.do(first, bob.user_id)).toMatchObject({ code: "CONFLICT" });
    expect(world.room.head).toBe(1);
  });

  test("tell a stranger only that there is nothing", () => {
    const world = new World();
    const asked: Command[] = [
      { type: "message", content: "hi" },
      { type: "mark_read", sequence: 0 },
      { type: "sync", since: 0 },
      { type: "add_members", people: [cem] },
      { type: "subscribe", since: 0 },
      { type: "follow" },
    ];
    const codes = asked.map((command) => world.do(command, cem.user_id)).map((one) => (one.ok ? "ok" : one.code));
    expect(codes).toEqual([...Array(4).fill("CONVERSATION_NOT_FOUND"), "PERMISSION_DENIED", "PERMISSION_DENIED"]);
  });

  test("add whom is not there yet and has not blocked who adds, each by an event of their own, and no more than fit", () => {
    const world = new World();
    expect(world.do({ type: "add_members", people: [bob, cem] })).toMatchObject({
      events: [{ frame: { user_id: cem.user_id } }],
    });
    expect(world.do({ type: "add_members", people: [cem] }, bob.user_id)).toMatchObject({ code: "PERMISSION_DENIED" });
    const closed = { ...person("closed"), blocks: new Set([ann.user_id]) };
    expect(world.do({ type: "add_members", people: [closed] })).toMatchObject({ ok: true, events: [], members: [] });
    const crowd = Array.from({ length: limits.members }, (_, at) => person(`${at}`));
    expect(world.do({ type: "add_members", people: crowd })).toMatchObject({ code: "CONFLICT" });
    expect(world.do({ type: "add_members", people: crowd.slice(3) })).toMatchObject({ ok: true });
    expect(world.room.members.size).toBe(limits.members);
  });

  test("keep a dialog of two", () => {
    const world = new World("dialog");
    expect(world.do({ type: "add_members", people: [cem] })).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(world.do({ type: "remove_member", user_id: bob.user_id })).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(world.do({ type: "message", content: "hi" }, bob.user_id)).toMatchObject({ ok: true });
  });

  test("announce a mark on one's own message, though sending it moved the watermark in silence", () => {
    const world = new World();
    expect(world.do({ type: "message", content: "mine" })).not.toHaveProperty("receipt");
    expect(world.do({ type: "mark_read", sequence: 1 })).toMatchObject({
      receipt: { kind: "read", sequence: 1 },
      isOwnChange: true,
    });
    expect(world.do({ type: "mark_read", sequence: 1 })).not.toHaveProperty("receipt");
  });

  test("show all watermarks in a small group, in a large one only one's own", () => {
    const crowd = Array.from({ length: limits.watermarksShown }, (_, at) => person(`${at}`));
    const shown = (world: World) => {
      const outcome = world.do({ type: "subscribe", since: 0 });
      return outcome.ok ? JSON.parse(outcome.replies[0] ?? "").watermarks : [];
    };
    expect(shown(new World("group", crowd.slice(1)))).toHaveLength(limits.watermarksShown);
    expect(shown(new World("group", crowd))).toEqual([{ user_id: ann.user_id, delivered: 0, read: 0 }]);
  });
});
