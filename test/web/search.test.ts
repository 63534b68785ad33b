import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { User } from "../../src/protocol/users.ts";
import { byMembership, strangersIn } from "../../src/web/list/found.ts";
import { highlightsOf, segmentsOf } from "../../src/web/list/marks.ts";
import { conversation } from "./sample.ts";

describe("segments of a text", () => {
  test("are marked where it was asked for, and the whole is as before", () => {
    const segments = segmentsOf("tea and more tea", [
      { start: 0, length: 3 },
      { start: 13, length: 3 },
    ]);
    expect(segments).toEqual([
      { text: "tea", isMarked: true },
      { text: " and more ", isMarked: false },
      { text: "tea", isMarked: true },
    ]);
    expect(segmentsOf("tea", [])).toEqual([{ text: "tea", isMarked: false }]);
    expect(segmentsOf("", [])).toEqual([]);
  });
});

describe("marks in a name", () => {
  const marked = (name: string, query: string) =>
    segmentsOf(name, highlightsOf(name, query))
      .filter(({ isMarked }) => isMarked)
      .map(({ text }) => text);

  test("stand where its words begin so, in whatever case", () => {
    expect(marked("Anna Banana", "an")).toEqual(["An"]);
    expect(marked("Мария Иванова", "ив мар")).toEqual(["Мар", "Ив"]);
    expect(marked("Ann Anderson", "an and")).toEqual(["An", "And"]);
  });

  test("are none for signs that mean something to an expression", () => {
    expect(marked("C++ (club)", "c++ (")).toEqual(["C", "c"]);
    expect(marked("Ann", ".*")).toEqual([]);
  });
});

const person = (name: string): User => ({ id: randomUUID(), name, created_at: "2026-11-27T10:00:00.000Z" });

describe("sections of what was found", () => {
  test("have nobody twice, and not oneself", () => {
    const [me, ann, bob] = [person("Me"), person("Ann"), person("Bob")];
    const dialog = conversation({ kind: "dialog", title: null, peer: ann });
    expect(strangersIn([me, ann, bob], [dialog], me.id)).toEqual([bob]);
  });

  test("have mine before public ones", () => {
    const mine = conversation();
    const { me: _none, ...open } = conversation({ public: true });
    expect(byMembership([open, mine])).toEqual([mine, open]);
  });
});
