/**
 * Frames as nobody should send them: those of every type the schemas know, spoilt, and texts that never were frames.
 * They are made as texts, for the worst of them (a key twice, 1e400, `__proto__`) no JSON writer would write.
 */
import fc from "fast-check";
import { z } from "zod";
import { clientFrames } from "../../src/protocol/frames.ts";

type Schema = z.core.JSONSchema.BaseSchema;
type Text = fc.Arbitrary<string>;
/** The first is that of the conversation on the other side. */
type Ids = readonly [string, ...string[]];
/** A key and its value, as JSON. */
type Entry = readonly [key: string, json: string];

const types = Object.values(clientFrames).map((schema) =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
);

/** @param ids to name conversations, people and messages by */
export function spoiltFrames(ids: Ids): Text {
  const frame = fc.oneof(...types.map((schema) => entriesOf(schema, ids)));
  const spoilt = fc.tuple(frame, fc.array(damage(ids), { maxLength: 3 })).map(([entries, damages]) => {
    return textOf(damages.reduce(damaged, entries));
  });
  const torn = fc.tuple(spoilt, fc.nat(300)).map(([text, at]) => text.slice(0, at));
  const noise = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    spoilt.map((text) => `[[${text}]]`),
  );
  return fc.oneof({ weight: 30, arbitrary: spoilt }, { weight: 1, arbitrary: torn }, { weight: 1, arbitrary: noise });
}

const textOf = (entries: Entry[]) => `{${entries.map(([key, json]) => `${JSON.stringify(key)} : ${json}`).join(",")}}`;

// -- As the schemas want it ----------------------------------------------------------------------------------------

function entriesOf({ properties = {}, required = [] }: Schema, ids: Ids): fc.Arbitrary<Entry[]> {
  const fields = Object.entries(properties).map(([key, schema]) => {
    const entry = jsonOf(key, schema, ids).map((json): Entry[] => [[key, json]]);
    const isWanted = required.includes(key) || key === "conversation_id";
    return isWanted ? entry : fc.oneof(entry, fc.constant([]));
  });
  return fc.tuple(...fields).map((found) => found.flat());
}

function jsonOf(key: string, schema: Schema | boolean, ids: Ids): Text {
  if (typeof schema === "boolean") return junk(ids);
  if (schema.const !== undefined) return fc.constant(JSON.stringify(schema.const));
  if (schema.enum) return fc.constantFrom(...schema.enum.map((one) => JSON.stringify(one)));
  if (schema.format === "uuid") return idFor(key, ids);
  if (schema.type === "integer") return fc.oneof(fc.nat(9), fc.nat(900)).map(String);
  if (schema.type === "boolean") return fc.boolean().map(String);
  if (schema.type === "array") {
    const item = Array.isArray(schema.items) ? undefined : schema.items;
    return fc.array(jsonOf(key, item ?? true, ids), { maxLength: 3 }).map((items) => `[${items.join()}]`);
  }
  return fc
    .oneof(fc.constant("👍"), fc.string({ unit: "grapheme", maxLength: 20 }))
    .map((text) => JSON.stringify(text));
}

/** Mostly of the conversation on the other side, where one is named. */
function idFor(key: string, ids: Ids): Text {
  const any = fc.constantFrom(...ids.map((id) => JSON.stringify(id)));
  const here = { weight: 9, arbitrary: fc.constant(JSON.stringify(ids[0])) };
  return key === "conversation_id" ? fc.oneof(here, any) : any;
}

// -- And as it does not --------------------------------------------------------------------------------------------

const numbers = ["1e400", "-1e400", "-0", "-1", "1.5", "1e-400", "9007199254740993", "1E2", `1${"0".repeat(400)}`];
const values = ["null", "true", "[]", "{}", "[[[]]]", '{"type":"ping"}', '{"__proto__":{"ok":true}}'];
const nest = (key: string, levels: number) => `${key.repeat(levels)}1${"}".repeat(levels)}`;
const deep = [`${"[".repeat(9_000)}${"]".repeat(9_000)}`, nest('{"a":', 9_000), nest('{"0":', 9_000)];
const strings = ["", " ", "\0", "\u202e", "\u200b", "\ud83d", "toString", "01890000-0000-0000-0000-000000000000"];
const long = ["a".repeat(65), "😀".repeat(4_001), "x".repeat(70_000), "\ufffd".repeat(25_000)];
const lists = [`[${Array(9_000).fill("1").join()}]`, `[${Array(300).fill('"x"').join()}]`];

function junk(ids: Ids): Text {
  const written = [...strings, ...ids, ids[0].toUpperCase(), `{${ids[0]}}`].map((text) => JSON.stringify(text));
  return fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...written) },
    { weight: 20, arbitrary: fc.constantFrom(...numbers, ...values) },
    { weight: 10, arbitrary: fc.json({ maxDepth: 2 }) },
    { weight: 10, arbitrary: fc.string({ unit: "binary", maxLength: 80 }).map((text) => JSON.stringify(text)) },
    { weight: 1, arbitrary: fc.constantFrom(...lists, ...deep, ...long.map((text) => JSON.stringify(text))) },
  );
}

const keys = [
  ...["__proto__", "constructor", "toString", "", "\ud800"],
  ...["ref", "type", "sender_id", "sequence", "is_deleted"],
];

function damage(ids: Ids) {
  const how = fc.constantFrom(...(["missing", "other", "other", "twice", "more"] as const));
  return fc.record({ how, at: fc.nat(9), key: fc.constantFrom(...keys), json: junk(ids) });
}

type Damage = ReturnType<typeof damage> extends fc.Arbitrary<infer Made> ? Made : never;

function damaged(entries: Entry[], { how, at, key, json }: Damage): Entry[] {
  const place = at % (entries.length || 1);
  const name = entries[place]?.[0] ?? key;
  if (how === "missing") return entries.toSpliced(place, 1);
  if (how === "other") return entries.toSpliced(place, 1, [name, json]);
  if (how === "more") return entries.toSpliced(place, 0, [key, json]);
  return [...entries, [name, json]];
}
