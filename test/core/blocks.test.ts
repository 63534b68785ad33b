import { describe, expect, test } from "vitest";
import { seesPresence } from "../../src/core/blocks.ts";
import { newRoom, unbegun } from "../../src/core/creation.ts";
import { marksOf } from "../../src/core/marks.ts";
import { may } from "../../src/core/permission.ts";
import type { Membership, Room } from "../../src/core/view.ts";
import { person } from "../support/people.ts";

const [ann, bob] = [person("ann"), person("bob")];

/** A conversation of Ann and Bob, with what is otherwise about Bob. */
function withBob(changes: Partial<Membership>, kind: "dialog" | "group" = "dialog") {
  const creation = { kind, public: false, creator: ann, people: [bob], body_hash: "x", fresh: true };
  const begun = newRoom("room", "an epoch", creation, 1_000);
  const changed = { ...(begun.members.get("bob") as Membership), ...changes };
  const room: Room = { ...begun, members: new Map([...begun.members, ["bob", changed]]) };
  return { room, ann: begun.members.get("ann") as Membership, bob: changed };
}

describe("a block", () => {
  test("keeps the one from writing to the other in their dialog, not from reading; who blocked may write", () => {
    const { room } = withBob({ blocks: new Set(["ann"]) });
    expect(may("ann", "send", room)).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(may("ann", "read", room)).toBeUndefined();
    expect(may("ann", "delete_own", room)).toBeUndefined();
    expect(may("bob", "send", room)).toBeUndefined();
  });

  test("leaves a group as it is", () => {
    expect(may("ann", "send", withBob({ blocks: new Set(["ann"]) }, "group").room)).toBeUndefined();
  });

  test("keeps who blocked out of groups the other begins, and from dialogs that are not there yet", () => {
    const open = person("cem");
    const closed = { ...bob, blocks: new Set(["ann"]) };
    const creation = { public: false, creator: ann, body_hash: "x", fresh: true };
    const group = { ...creation, kind: "group" as const, people: [closed, open] };
    expect(unbegun(group)).toBeUndefined();
    expect([...newRoom("room", "an epoch", group, 1_000).members.keys()]).toEqual(["ann", "cem"]);
    const dialog = { ...creation, kind: "dialog" as const };
    expect(unbegun({ ...dialog, people: [closed] })).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(unbegun({ ...dialog, people: [open] })).toBeUndefined();
  });

  test("hides each from the other, from nobody else, and nobody from themselves", () => {
    const blocking = withBob({ blocks: new Set(["ann"]) });
    expect(seesPresence(blocking.ann, blocking.bob)).toBe(false);
    expect(seesPresence(blocking.bob, blocking.ann)).toBe(false);
    expect(seesPresence(blocking.bob, blocking.bob)).toBe(true);
    const other = withBob({ blocks: new Set(["cem"]) });
    expect(seesPresence(other.ann, other.bob)).toBe(true);
  });
});

describe("a closed account", () => {
  test("is not written to, and nobody is there", () => {
    const { room, ann, bob } = withBob({ is_deleted: true });
    expect(may("ann", "send", room)).toMatchObject({ code: "PERMISSION_DENIED" });
    expect(seesPresence(ann, bob)).toBe(false);
  });
});

describe("who does not show", () => {
  test("that they are there is seen by nobody but themselves", () => {
    const { ann, bob } = withBob({ shows_presence: false });
    expect([seesPresence(ann, bob), seesPresence(bob, bob), seesPresence(bob, ann)]).toEqual([false, true, true]);
  });

  test("how far they have read shows it to themselves alone", () => {
    const { bob } = withBob({ shows_reading: false, read: 4, delivered: 5 });
    expect(marksOf(bob, "ann")).toEqual({ read: 0, delivered: 5 });
    expect(marksOf(bob, "bob")).toEqual({ read: 4, delivered: 5 });
  });
});
