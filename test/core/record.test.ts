import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newRoom } from "../../src/core/creation.ts";
import { peerOf, recordOf, rosterOf } from "../../src/core/record.ts";
import { type Membership, newMembership } from "../../src/core/view.ts";
import { conversation } from "../../src/protocol/conversations.ts";
import { person } from "../support/people.ts";

const ann = person("01890000-0000-7000-8000-00000000000a", "Ann");
const bob = person("01890000-0000-7000-8000-00000000000b", "Bob");
const roomId = "01890000-0000-7000-8000-000000000001";

function begun(kind: "dialog" | "group", title?: string) {
  const creation = { kind, title, public: false, creator: ann, people: [bob], body_hash: "x", fresh: true };
  return newRoom(roomId, "an epoch", creation, 1_000);
}

describe("a record", () => {
  test("is of the contract's form, and leaves out what is not there", () => {
    const room = begun("group");
    const record = recordOf(room, room.members.get(ann.user_id) as Membership, 3);
    expect(conversation.parse(record)).toEqual(record);
    expect(record).toMatchObject({ member_count: 2, me: { role: "OWNER", unread: 3 } });
    expect(record.title).toBeNull();
    expect(recordOf(begun("group", "Lunch"), newMembership(bob, "MEMBER", 0, 0), 0).title).toBe("Lunch");
  });

  test("of a dialog knows the other one; both are equal", () => {
    const room = begun("dialog");
    expect(peerOf(room, ann.user_id)).toBe(bob.user_id);
    expect(peerOf(room, bob.user_id)).toBe(ann.user_id);
    expect([...room.members.values()].map((member) => member.role)).toEqual(["MEMBER", "MEMBER"]);
    expect(peerOf(begun("group"), ann.user_id)).toBeUndefined();
  });
});

describe("a roster", () => {
  test("read page by page holds every member once, in the order of joining", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.uuid()),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(3)),
        (ids, limit, times) => {
          const members = ids.map((user_id, at) =>
            newMembership(person(user_id), "MEMBER", at, (times[at] ?? 0) * 1_000),
          );
          const room = { ...begun("group"), members: new Map(members.map((member) => [member.user_id, member])) };
          const seen: string[] = [];
          for (let after = rosterOf(room, ann.user_id, { limit }).at(-1); ; ) {
            const page = rosterOf(room, ann.user_id, { limit, ...(seen.length > 0 && after && { after }) });
            seen.push(...page.map((entry) => entry.user_id));
            after = page.at(-1);
            if (!after) break;
          }
          expect(seen).toEqual(rosterOf(room, ann.user_id, { limit: 1_000 }).map((entry) => entry.user_id));
          expect(new Set(seen)).toEqual(new Set(ids));
        },
      ),
    );
  });
});
