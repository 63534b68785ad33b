import { describe, expect, test } from "vitest";
import { type Action, allowed, outranks } from "../../src/core/policy.ts";
import type { Role } from "../../src/protocol/conversations.ts";

/** The table of wire.md 3.1: OWNER, ADMIN, MEMBER of a group; both of a dialog. */
const table: Record<Action, string> = {
  read: "yyyy",
  send: "yyyy",
  react: "yyyy",
  edit_own: "yyyy",
  delete_own: "yyyy",
  delete_others: "yynn",
  pin: "yyny",
  change: "yynn",
  add: "yynn",
  invite: "yynn",
  remove: "yynn",
  give_role: "ynnn",
  transfer: "ynnn",
  leave: "yyyy",
  delete: "ynny",
  restore: "ynnn",
};

const roles: Role[] = ["OWNER", "ADMIN", "MEMBER"];

test.each(Object.entries(table))("who may %s is as the contract says", (action, row) => {
  const group = roles.map((role) => allowed("group", role, action as Action));
  const answers = [...group, allowed("dialog", "MEMBER", action as Action)];
  expect(answers.map((is) => (is ? "y" : "n")).join("")).toBe(row);
});

describe("removing or overruling", () => {
  test("an owner does anybody else, an admin members only, a member nobody", () => {
    const pairs = roles.flatMap((actor) => roles.map((other) => [actor, other] as const));
    const can = pairs.filter(([actor, other]) => outranks(actor, other)).map((pair) => pair.join(" "));
    expect(can).toEqual(["OWNER ADMIN", "OWNER MEMBER", "ADMIN MEMBER"]);
  });
});
