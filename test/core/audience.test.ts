import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { audience, hears, type Turnover } from "../../src/core/audience.ts";

const people = ["ann", "bob", "cem"];

/** A story of joinings and leavings, each at its sequence, and who was in between. */
const story = fc.array(fc.record({ who: fc.nat(2), isTurn: fc.boolean() }), { maxLength: 30 }).map((steps) => {
  const present = new Set(["ann"]);
  const turnovers: Turnover[] = [];
  const heard = new Map(people.map((who) => [who, new Set<number>()]));
  steps.forEach(({ who, isTurn }, at) => {
    const sequence = at + 1;
    const user_id = people[who] ?? "";
    const before = new Set(present);
    if (isTurn) {
      const joined = !present.has(user_id);
      turnovers.push({ user_id, sequence, joined });
      if (joined) present.add(user_id);
      else present.delete(user_id);
    }
    // An event is for who was a member at its sequence and for the one it concerns.
    for (const one of people) {
      if (present.has(one) || (isTurn && one === user_id && before.has(one))) heard.get(one)?.add(sequence);
    }
  });
  return { present, turnovers, heard, length: steps.length };
});

describe("who hears which events", () => {
  test("is who was a member at the sequence and the one it concerns, worked back from any cursor", () => {
    fc.assert(
      fc.property(story, fc.nat(30), ({ present, turnovers, heard, length }, cursor) => {
        const spans = audience(
          present,
          turnovers.filter(({ sequence }) => sequence > cursor),
        );
        for (const who of people) {
          for (let sequence = cursor + 1; sequence <= length; sequence++) {
            expect(hears(spans.get(who), sequence)).toBe(heard.get(who)?.has(sequence));
          }
        }
      }),
    );
  });

  test("is nobody who is not in and has not just left", () => {
    expect(audience([], []).size).toBe(0);
    expect(hears(undefined, 1)).toBe(false);
  });
});
