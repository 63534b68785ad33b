import { describe, expect, test } from "vitest";
import { newRoom } from "../../src/core/creation.ts";
import { isAbandoned } from "../../src/core/forgetting.ts";
import { decideSystem } from "../../src/core/system.ts";
import type { Known, Membership, Room } from "../../src/core/view.ts";
import type { Role } from "../../src/protocol/conversations.ts";
import { limits } from "../../src/protocol/limits.ts";
import { person } from "../support/people.ts";
import { viewOf } from "../support/world.ts";

const [ann, bob, cem] = [person("ann"), person("bob"), person("cem")];

function begun(kind: "dialog" | "group" = "group", changes: Record<string, Partial<Membership>> = {}): Room {
  const people = kind === "group" ? [bob, cem] : [bob];
  const room = newRoom(
    "room",
    "an epoch",
    { kind, public: false, creator: ann, people, body_hash: "x", fresh: true },
    1,
  );
  const members = [...room.members].map(([id, member]) => [id, { ...member, ...changes[id] }] as const);
  return { ...room, members: new Map(members) };
}

const viewWith = (room: Room, said: Known[] = []) =>
  viewOf(room, {
    said: (_user, { after, upTo }, most) =>
      said.filter(({ sequence }) => sequence > after && sequence <= upTo).slice(0, most),
  });

const forget = (room: Room, { user = "ann", erase = false, after = 0, said = [] as Known[] } = {}) =>
  decideSystem({ type: "forget", user_id: user, erase, after }, viewWith(room, said));

function rolesAfter(room: Room): Record<string, Role> {
  const members = new Map(room.members);
  for (const write of forget(room).members) {
    if ("set" in write) members.set(write.set.user_id, write.set);
    if ("remove" in write) members.delete(write.remove);
  }
  return Object.fromEntries([...members].map(([id, { role }]) => [id, role]));
}

describe("what a conversation is told of an account", () => {
  test("changes the member and makes no event; the same again writes nothing; a stranger is nobody", () => {
    const renamed = { ...bob, name: "Robert", blocks: new Set(["ann"]), revision: 1 };
    const outcome = decideSystem({ type: "know", person: renamed }, viewWith(begun()));
    expect(outcome).toMatchObject({ events: [], members: [{ know: { ...renamed, role: "MEMBER" } }] });
    expect(decideSystem({ type: "know", person: { ...bob, name: "Robert" } }, viewWith(begun())).members).toEqual([]);
    const later = begun("dialog", { bob: { revision: 2 } });
    expect(decideSystem({ type: "know", person: renamed }, viewWith(later)).members).toEqual([]);
    expect(decideSystem({ type: "know", person: person("dot") }, viewWith(begun())).members).toEqual([]);
  });

  test("gives nobody a name again whose account is gone", () => {
    const room = begun("dialog", { bob: { is_deleted: true, name: "" } });
    expect(decideSystem({ type: "know", person: { ...bob, revision: 1 } }, viewWith(room)).members).toEqual([]);
  });
});

describe("a closed account", () => {
  test("hands a group to the ADMIN who joined first, else the MEMBER who did, and leaves it, without a name", () => {
    const places = { bob: { joined_sequence: 2 }, cem: { joined_sequence: 5 } };
    expect(rolesAfter(begun("group", places))).toEqual({ bob: "OWNER", cem: "MEMBER" });
    const withAdmin = begun("group", { ...places, cem: { joined_sequence: 5, role: "ADMIN" } });
    expect(rolesAfter(withAdmin)).toEqual({ bob: "MEMBER", cem: "OWNER" });
    expect(forget(withAdmin).events).toMatchObject([
      { frame: { type: "member_role", user_id: "cem", role: "OWNER", by: "ann", sequence: 1 } },
      { frame: { type: "member_removed", user_id: "ann", user_name: "", by: "ann", sequence: 2 } },
    ]);
  });

  test("of a member leaves the owner who they are", () => {
    expect(forget(begun(), { user: "cem" }).events).toMatchObject([
      { frame: { type: "member_removed", user_id: "cem" } },
    ]);
  });

  test("stays in a dialog, without a name, and changes nothing when it is told again", () => {
    const outcome = forget(begun("dialog"));
    expect(outcome).toMatchObject({ events: [], members: [{ know: { user_id: "ann", name: "", is_deleted: true } }] });
    const room = begun("dialog", { ann: { is_deleted: true, name: "" } });
    expect(forget(room).members).toEqual([]);
  });

  test("erases what was said, so much a turn, each message by an event", () => {
    const said = Array.from({ length: limits.forgetEvents + 3 }, (_, at) => {
      return {
        id: `m${at + 1}`,
        sequence: at + 1,
        sender_id: "ann",
        body_hash: "x",
        is_deleted: false,
        is_forward: false,
        created_at: 1,
      };
    });
    const room = { ...begun(), head: 1_000 };
    const first = forget(room, { erase: true, said });
    expect(first.events).toHaveLength(limits.forgetEvents + 2);
    expect(first.events.map(({ frame }) => frame.sequence)).toEqual(first.events.map((_, at) => 1_001 + at));
    expect(first.forgotten).toMatchObject({ upTo: limits.forgetEvents, isAll: false });
    const rest = forget(room, { erase: true, said, after: limits.forgetEvents, user: "gone" });
    expect(rest.events).toMatchObject([201, 202, 203].map((at) => ({ frame: { message_id: `m${at}` } })));
    expect(rest.forgotten).toMatchObject({ upTo: 1_000, isAll: true });
  });

  test("leaves a conversation abandoned when nobody in it has one", () => {
    expect(isAbandoned(begun("dialog", { ann: { is_deleted: true } }))).toBe(false);
    expect(isAbandoned(begun("dialog", { ann: { is_deleted: true }, bob: { is_deleted: true } }))).toBe(true);
    expect(isAbandoned({ ...begun(), members: new Map() })).toBe(true);
  });
});
