import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Command, Person } from "../../src/protocol/commands.ts";
import { limits } from "../../src/protocol/limits.ts";
import { person } from "../support/people.ts";
import { ann, bob, cem, people, World } from "../support/world.ts";

const join = (who: Person, token_hash?: string): Command => ({ type: "join", person: who, token_hash });
const invite = (token_hash: string, bounds: { expires_at?: string; max_uses?: number } = {}): Command => ({
  type: "invite",
  invite: {
    id: token_hash,
    created_at: "1970-01-01T00:00:02.000Z",
    token_hash,
    expires_at: bounds.expires_at,
    max_uses: bounds.max_uses,
  },
});
const roleOf = (world: World, { user_id }: Person) => world.room.members.get(user_id)?.role;

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.constant<Command>({ type: "add_members", people }),
  fc.constant<Command>(join(ann, "token")),
  fc.constantFrom(...people).map(({ user_id }): Command => ({ type: "remove_member", user_id })),
  fc.constantFrom(...people).map(({ user_id }): Command => ({ type: "transfer", user_id })),
  fc
    .tuple(fc.constantFrom(...people), fc.constantFrom("ADMIN" as const, "MEMBER" as const))
    .map(([{ user_id }, role]): Command => ({ type: "set_role", user_id, role })),
  fc.constantFrom<Command>(
    { type: "leave" },
    { type: "delete" },
    { type: "restore" },
    { type: "change", change: { public: true } },
    { type: "change", change: { public: false, title: "T" } },
    { type: "change_mine", change: { hidden: true } },
    { type: "message", content: "hi" },
    invite("token", { max_uses: 2 }),
  ),
);

describe("a group", () => {
  test("has exactly one owner at any moment, and who was removed never joins, whoever does what", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(command, fc.constantFrom(...people)), { maxLength: 60 }), (commands) => {
        const world = new World("group", [bob, cem]);
        for (const [wanted, who] of commands) {
          const { user_id } = who;
          const command = wanted.type === "join" ? join(who, "token") : wanted;
          const { room, barred } = world;
          const wasBarred = barred.has(user_id);
          const outcome = world.do(command, user_id);
          expect(world.owners).toHaveLength(1);
          if (!outcome.ok) expect(world.room).toBe(room);
          if (wasBarred && command.type === "join" && !room.members.has(user_id)) expect(outcome.ok).toBe(false);
        }
        expect(world.events.map((event) => event.sequence)).toEqual(world.events.map((_, at) => at + 1));
      }),
    );
  });

  test("is handed over in one turn: the new owner, then the old one as an admin", () => {
    const world = new World("group", [bob, cem]);
    expect(world.do({ type: "transfer", user_id: bob.user_id }).ok).toBe(true);
    expect(world.events).toMatchObject([
      { type: "member_role", user_id: bob.user_id, role: "OWNER", by: ann.user_id, sequence: 1 },
      { type: "member_role", user_id: ann.user_id, role: "ADMIN", by: ann.user_id, sequence: 2 },
    ]);
    expect(world.do({ type: "transfer", user_id: cem.user_id })).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(world.do({ type: "transfer", user_id: bob.user_id }, bob.user_id)).toMatchObject({ code: "CONFLICT" });
    expect(world.do({ type: "transfer", user_id: "nobody" }, bob.user_id)).toMatchObject({ code: "USER_NOT_FOUND" });
  });

  test("is left by the owner only alone, and ends then", () => {
    const world = new World();
    expect(world.do({ type: "leave" })).toMatchObject({ code: "CONFLICT" });
    world.do({ type: "leave" }, bob.user_id);
    expect(world.events).toMatchObject([{ type: "member_removed", user_id: bob.user_id, by: bob.user_id }]);
    world.do({ type: "leave" });
    expect(world.events[1]).toMatchObject({ type: "conversation_deleted", by: ann.user_id });
    expect(world.do({ type: "message", content: "anybody?" })).toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
  });

  test("that an admin runs: adds, removes members, but neither admins nor the owner, and gives no role", () => {
    const world = new World("group", [bob, cem]);
    const refused = { code: "PERMISSION_DENIED" };
    world.do({ type: "set_role", user_id: bob.user_id, role: "ADMIN" });
    expect(world.do({ type: "set_role", user_id: bob.user_id, role: "ADMIN" })).toMatchObject({ ok: true, events: [] });
    expect(world.do({ type: "set_role", user_id: cem.user_id, role: "ADMIN" }, bob.user_id)).toMatchObject(refused);
    expect(world.do({ type: "remove_member", user_id: ann.user_id }, bob.user_id)).toMatchObject(refused);
    expect(world.do({ type: "remove_member", user_id: bob.user_id }, bob.user_id)).toMatchObject(refused);
    expect(world.do({ type: "remove_member", user_id: cem.user_id }, bob.user_id)).toMatchObject({ ok: true });
    expect(world.do({ type: "add_members", people: [cem] }, bob.user_id)).toMatchObject({ ok: true });
    expect(world.do({ type: "set_role", user_id: ann.user_id, role: "MEMBER" })).toMatchObject({ code: "CONFLICT" });
    expect(roleOf(world, ann)).toBe("OWNER");
  });

  test("tells only what has changed, and nothing where nothing has", () => {
    const world = new World();
    const change = (change: Extract<Command, { type: "change" }>["change"]) => world.do({ type: "change", change });
    change({ title: "Lunch", description: "Where?" });
    change({ title: "Lunch", public: false });
    change({ description: null, public: true });
    const place = { conversation_id: world.room.id, epoch: "an epoch", by: ann.user_id };
    const updated_at = "1970-01-01T00:00:02.000Z";
    expect(world.events).toEqual([
      { type: "conversation_updated", ...place, sequence: 1, title: "Lunch", description: "Where?", updated_at },
      { type: "conversation_updated", ...place, sequence: 2, description: null, public: true, updated_at },
    ]);
    expect(world.room).toMatchObject({ title: "Lunch", description: null, public: true, updated_at: 2_000 });
  });
});

describe("a deleted group", () => {
  test("is there for nobody but its owner, who restores it once, within 30 days", () => {
    const world = new World("group", [bob]);
    world.do({ type: "set_role", user_id: bob.user_id, role: "ADMIN" });
    expect(world.do({ type: "restore" })).toMatchObject({ ok: true, events: [] });
    expect(world.do({ type: "restore" }, bob.user_id)).toMatchObject({ code: "PERMISSION_DENIED" });
    world.do({ type: "delete" });
    const gone = { code: "CONVERSATION_NOT_FOUND" };
    for (const command of [{ type: "leave" }, { type: "delete" }, { type: "mark_read", sequence: 1 }] as Command[]) {
      expect(world.do(command)).toMatchObject(gone);
    }
    expect(world.do(join(bob), bob.user_id)).toMatchObject(gone);
    expect(world.do({ type: "restore" }, bob.user_id)).toMatchObject(gone);
    world.now += limits.deletedMs - 1;
    expect(world.do({ type: "restore" })).toMatchObject({ ok: true });
    expect(world.events.at(-1)).toMatchObject({ type: "conversation_updated", deleted: false, sequence: 3 });
    world.do({ type: "delete" });
    world.now += limits.deletedMs;
    expect(world.do({ type: "restore" })).toMatchObject(gone);
  });
});

describe("an invite", () => {
  test("lets in so many, each once; its maker and who is in use nothing of it", () => {
    const world = new World("group", []);
    world.do(invite("t", { max_uses: 1 }));
    expect(world.do(join(ann, "t"))).toMatchObject({ ok: true, events: [] });
    expect(world.do(join(bob, "t"), bob.user_id)).toMatchObject({ ok: true });
    expect(world.events).toMatchObject([{ type: "member_added", user_id: bob.user_id, by: bob.user_id }]);
    expect(world.do(join(bob, "t"), bob.user_id)).toMatchObject({ ok: true, events: [] });
    expect(world.do(join(cem, "t"), cem.user_id)).toMatchObject({ code: "GONE" });
    expect(world.do(join(cem, "other"), cem.user_id)).toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    expect(world.do(join(cem), cem.user_id)).toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    expect(world.invites.get("t")?.uses).toBe(1);
  });

  test("ends with its time, or when it is ended, twice as well as once", () => {
    const world = new World("group", []);
    expect(world.do(invite("late", { expires_at: "1970-01-01T00:00:02.000Z" }))).toMatchObject({
      code: "INVALID_CONTENT",
      details: { errors: [{ path: "expires_at" }] },
    });
    world.do(invite("soon", { expires_at: "1970-01-01T00:00:02.001Z" }));
    world.now += 1;
    expect(world.do(join(bob, "soon"), bob.user_id)).toMatchObject({ code: "GONE" });
    world.do(invite("ended"));
    for (let at = 0; at < 2; at++) {
      expect(world.do({ type: "end_invite", invite_id: "ended" })).toMatchObject({ ok: true });
    }
    expect(world.do(join(bob, "ended"), bob.user_id)).toMatchObject({ code: "GONE" });
    expect(world.do({ type: "end_invite", invite_id: "none" })).toMatchObject({ code: "NOT_FOUND" });
  });

  test("is one of so many that can be used: ended ones make room", () => {
    const world = new World("group", []);
    for (let at = 0; at < limits.invites; at++) world.do(invite(`${at}`));
    expect(world.do(invite("more"))).toMatchObject({ code: "CONFLICT" });
    world.do({ type: "end_invite", invite_id: "0" });
    expect(world.do(invite("more"))).toMatchObject({ ok: true });
  });

  test("does not let in whom somebody removed, until they are added; who left by themselves may come back", () => {
    const world = new World("group", [bob, cem]);
    world.do(invite("t"));
    world.do({ type: "remove_member", user_id: bob.user_id });
    world.do({ type: "leave" }, cem.user_id);
    expect(world.do(join(bob, "t"), bob.user_id)).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(world.do(join(cem, "t"), cem.user_id)).toMatchObject({ ok: true });
    world.do({ type: "change", change: { public: true } });
    expect(world.do(join(bob), bob.user_id)).toMatchObject({ code: "PERMISSION_DENIED" });
    world.do({ type: "add_members", people: [bob] });
    world.do({ type: "leave" }, bob.user_id);
    expect(world.do(join(bob), bob.user_id)).toMatchObject({ ok: true });
  });

  test("lets nobody into a full group, nor into a dialog", () => {
    const crowd = Array.from({ length: limits.members - 1 }, (_, at) => person(`${at}`));
    const full = new World("group", crowd);
    full.do({ type: "change", change: { public: true } });
    expect(full.do(join(bob), bob.user_id)).toMatchObject({ code: "CONFLICT" });
    expect(new World("dialog").do(join(cem), cem.user_id)).toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
  });
});

describe("where one stands", () => {
  test("is changed for oneself, without an event; the same again is nothing new", () => {
    const world = new World();
    const change = { muted_until: "2026-12-01T00:00:00.000Z", archived: true, pinned: true };
    const mine = () => world.room.members.get(ann.user_id);
    expect(world.do({ type: "change_mine", change })).toMatchObject({ events: [], isOwnChange: true });
    expect(mine()).toMatchObject({ muted_until: Date.parse(change.muted_until), archived: true, pinned: true });
    expect(world.do({ type: "change_mine", change })).not.toHaveProperty("isOwnChange");
    world.do({ type: "change_mine", change: { pinned: false } });
    expect(mine()).toMatchObject({ muted_until: Date.parse(change.muted_until), archived: true, pinned: false });
    world.do({ type: "change_mine", change: { muted_until: null } });
    expect(mine()).toMatchObject({ muted_until: null, archived: true });
  });

  test.each(["leave", "delete"] as const)(
    "in a dialog, %s hides it for oneself; what is said brings it back",
    (type) => {
      const world = new World("dialog");
      const hidden = () => [...world.room.members.values()].map((member) => member.hidden);
      expect(world.do({ type })).toMatchObject({ events: [], isOwnChange: true });
      expect(hidden()).toEqual([true, false]);
      world.do({ type: "message", content: "still there?" }, bob.user_id);
      expect(hidden()).toEqual([false, false]);
      world.do({ type });
      world.do({ type: "message", content: "yes" });
      expect(hidden()).toEqual([false, false]);
      expect(world.room.members.get(ann.user_id)).toMatchObject({ read: 2, delivered: 2 });
    },
  );
});
