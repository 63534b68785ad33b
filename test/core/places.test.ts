import { describe, expect, test } from "vitest";
import { idOfSaid, placed, unplaced } from "../../src/core/places.ts";
import type { Command } from "../../src/protocol/commands.ts";
import { parseFrames } from "../../src/protocol/parsing.ts";
import { ann, World } from "../support/world.ts";

const [id, other, room] = ["1", "2", "3"].map((digit) => `01890000-0000-7000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
];

function frameOf(fields: object) {
  const [parsed] = parseFrames(JSON.stringify(fields), { batch: false, maxBytes: 10_000 });
  if (!parsed?.ok) throw new Error(JSON.stringify(parsed));
  return parsed.frame;
}

describe("a frame that names a message", () => {
  const findable = [
    { type: "message_edit", message_id: id, content: "x" },
    { type: "message_delete", message_id: id },
    { type: "reaction", message_id: id, emoji: "👍", on: true },
    { type: "pin", message_id: id, on: true },
    { type: "ack", message_id: id },
  ];

  test("may leave out where that is", () => {
    for (const fields of findable) {
      const sought = unplaced(frameOf(fields));
      expect(sought?.messageId, fields.type).toBe(id);
      expect(sought && placed(sought, room)).toEqual({ ...fields, conversation_id: room });
      expect(unplaced(frameOf({ ...fields, conversation_id: room }))).toBeUndefined();
    }
  });

  test("leaves out the source of a forward, never its target", () => {
    const fields = { type: "message_forward", message_id: id, conversation_id: room };
    const sought = unplaced(frameOf(fields));
    expect(sought && placed(sought, other)).toEqual({ ...fields, from_conversation_id: other });
    expect(unplaced(frameOf({ ...fields, from_conversation_id: other }))).toBeUndefined();
    expect(unplaced(frameOf({ type: "message_forward", message_id: id }))).toBeUndefined();
  });

  test("must say it in all other cases", () => {
    const others = [
      { type: "ack", sequence: 1 },
      { type: "mark_read", message_id: id },
      { type: "message", id, content: "x" },
      { type: "typing_start" },
      { type: "ping" },
    ];
    for (const fields of others) expect(unplaced(frameOf(fields)), fields.type).toBeUndefined();
  });
});

describe("the id of what was said is read from its frame", () => {
  const textsOf = (...commands: Command[]) => {
    const world = new World();
    for (const command of commands) expect(world.do(command, ann.user_id)).toMatchObject({ ok: true });
    return world.frames;
  };

  test("whatever else is in it", () => {
    const tricky = [`"id":"${other}"`, `\\","id":"${other}"`, '{"type":"message","id":"', '\u2028"id":'];
    for (const content of tricky) {
      const [text = ""] = textsOf({ type: "message", id, content, mentions: [ann.user_id] });
      expect(JSON.parse(text)).toMatchObject({ id, content });
      expect(idOfSaid(text)).toBe(id);
    }
  });

  test("and of no other event", () => {
    const [said = "", edited = ""] = textsOf(
      { type: "message", id, content: "x" },
      { type: "message_edit", message_id: id, content: `"id":"${other}"` },
    );
    expect([idOfSaid(said), idOfSaid(edited)]).toEqual([id, undefined]);
  });
});
