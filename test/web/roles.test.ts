import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Member, Role } from "../../src/protocol/conversations.ts";
import { inRank, may, memberChoices, membersLike } from "../../src/web/details/roles.ts";
import { conversation } from "./sample.ts";

const time = "2026-11-27T10:00:00.000Z";

const member = (name: string, role: Role = "MEMBER", username?: string): Member => ({
  user: { id: randomUUID(), name, created_at: time, ...(username !== undefined && { username }) },
  ...{ role, joined_at: time, read: 0, delivered: 0 },
});

describe("what a role may do", () => {
  test("owners and admins change, add, invite and unpin; members do not", () => {
    for (const right of ["change", "add", "invite", "unpin"] as const) {
      expect(may(conversation({ me: { role: "OWNER" } }), right)).toBe(true);
      expect(may(conversation({ me: { role: "ADMIN" } }), right)).toBe(true);
      expect(may(conversation({ me: { role: "MEMBER" } }), right)).toBe(false);
    }
  });

  test("both of a dialog unpin, and change nothing else", () => {
    const dialog = conversation({ kind: "dialog", title: null, me: { role: "OWNER" } });
    expect(may(dialog, "unpin")).toBe(true);
    expect(may(dialog, "change")).toBe(false);
    expect(may(dialog, "invite")).toBe(false);
  });
});

describe("what can be done with a member", () => {
  test("an owner gives and takes ranks, hands over, and removes anybody", () => {
    expect(memberChoices("OWNER", "MEMBER")).toEqual(["makeAdmin", "transfer", "remove"]);
    expect(memberChoices("OWNER", "ADMIN")).toEqual(["takeAdmin", "transfer", "remove"]);
  });

  test("an admin removes members only, a member nobody", () => {
    expect(memberChoices("ADMIN", "MEMBER")).toEqual(["remove"]);
    expect(memberChoices("ADMIN", "ADMIN")).toEqual([]);
    expect(memberChoices("ADMIN", "OWNER")).toEqual([]);
    expect(memberChoices("MEMBER", "MEMBER")).toEqual([]);
  });
});

describe("a list of members", () => {
  const [ann, bob, vera] = [member("Ann Lee", "MEMBER"), member("Борис", "ADMIN", "bob_7"), member("Vera", "OWNER")];

  test("has those who lead first, else stays in its order", () => {
    expect(inRank([ann, bob, vera])).toEqual([vera, bob, ann]);
  });

  test("is searched by the beginnings of names and usernames, in any case", () => {
    expect(membersLike([ann, bob], "le")).toEqual([ann]);
    expect(membersLike([ann, bob], "бор")).toEqual([bob]);
    expect(membersLike([ann, bob], "@BOB")).toEqual([bob]);
    expect(membersLike([ann, bob], "nn")).toEqual([]);
    expect(membersLike([ann, bob], " ")).toEqual([ann, bob]);
  });
});
