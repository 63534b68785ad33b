/** How far the others have got, as the list has it. */
import { expect, test } from "vitest";
import { faceAfter, itemOf, noFace } from "../../src/client/face.ts";
import type { EventFrame } from "../../src/protocol/frames.ts";
import { conversation } from "../web/sample.ts";

const marks = (...reads: [string, number][]) => ({
  ...noFace,
  readers: new Map(reads.map(([user_id, read]) => [user_id, { user_id, read, delivered: read + 1 }])),
});
const group = (member_count: number) => conversation({ kind: "group", member_count });
const about = { conversation_id: "c", epoch: "e", by: "me" };
const added: EventFrame = {
  type: "member_added",
  ...about,
  sequence: 11,
  user_id: "cem",
  user_name: "Cem",
  role: "MEMBER",
};
const removed: EventFrame = { type: "member_removed", ...about, sequence: 10, user_id: "bob", user_name: "Bob" };
test("the others of a group have got as far as the last of them", () => {
  const item = itemOf(group(3), marks(["me", 9], ["ann", 7], ["bob", 3]), "me");
  expect(item).toMatchObject({ othersRead: 3, othersDelivered: 4 });
});

test("where not all are known nothing is claimed", () => {
  const item = itemOf(group(4), marks(["me", 9], ["ann", 7], ["bob", 3]), "me");
  expect(item).toMatchObject({ othersRead: 0, othersDelivered: 0 });
});

test("who has left is waited for no longer", () => {
  const left = faceAfter(marks(["me", 9], ["ann", 7], ["bob", 3]), removed, "me");
  expect(itemOf(group(2), left, "me")).toMatchObject({ othersRead: 7 });
});

test("who has left is not there any more", () => {
  const left = faceAfter({ ...marks(), online: new Set(["ann", "bob"]) }, removed, "me");
  expect([...left.online]).toEqual(["ann"]);
});

test("who is added takes nothing back: of what was said before nothing is unread", () => {
  const grown = faceAfter(marks(["me", 9], ["ann", 7], ["bob", 3]), added, "me");
  expect(itemOf(group(4), grown, "me")).toMatchObject({ othersRead: 3, othersDelivered: 4 });
});
