import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { type Json, type Line, type Someone, someRoom, soon, until, userSocket, withLimits } from "../support/room.ts";

withLimits(soon);

const stray = "00000000-0000-4000-8000-000000000000";

/** What is sent, with whether it makes an event when a member sends it. */
const frames = {
  message: () => ({ type: "message" as const, content: "hello" }),
  repeat: (id: string) => ({ type: "message" as const, content: "once", id }),
  reply: () => ({ type: "message" as const, content: "an answer to nothing", reply_to: stray }),
  mark: () => ({ type: "mark_read" as const, sequence: 0 }),
  blank: () => ({ type: "message" as const, content: " " }),
  unknown: () => ({ type: "shout" as const, content: "hello" }),
};

const step = fc.record({
  who: fc.nat(2),
  way: fc.constantFrom("direct", "user", "rest"),
  what: fc.constantFrom(...(Object.keys(frames) as (keyof typeof frames)[])),
});

describe("sequences", () => {
  test("are dense from 1 and unique, however commands come, refused ones among them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: "max" }), async (steps) => {
        const { room, people } = await someRoom(3, { inside: 2 }); // the third is a stranger
        const direct = await Promise.all(people.slice(0, 2).map((who) => room.socket(who)));
        const user = await Promise.all(people.map((who) => userSocket(who)));
        const ids = people.map(() => newId());
        const asked: Promise<unknown>[] = [];
        let messages = 0;
        const repeated = new Set<number>();
        for (const { who, way, what } of steps) {
          const frame = frames[what](ids[who] ?? "");
          const line = way === "rest" ? undefined : ((way === "direct" ? direct[who] : undefined) ?? user[who]);
          if (line) line.send({ ...frame, conversation_id: room.id });
          else if (what === "blank" || frame.type === "shout")
            continue; // REST's door keeps them out
          else asked.push(room.execute(people[who] as Someone, [frame]));
          if (what === "message" && who < 2) messages += 1;
          if (what === "repeat" && who < 2) repeated.add(who);
        }
        await Promise.all(asked);
        const count = messages + repeated.size;
        const log = await until("all that was accepted", async () => {
          const events = await room.log(people[0]);
          return events.length >= count ? events : undefined;
        });
        const sequences = Array.from({ length: count }, (_, at) => at + 1);
        expect(log.map((event) => event.sequence)).toEqual(sequences);
        await hearAll([...direct, ...user.slice(0, 2)], sequences);
        expect(user[2]?.events).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  test("are the same number for every receiver, on both kinds of socket and over REST", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    const lines = await Promise.all([room.socket(ann), room.socket(bob), userSocket(ann), userSocket(bob)]);
    const said = await room.say(ann, "one");
    for (const line of lines) expect(await line.ofType("message")).toEqual(said);
    expect((await room.page(bob)).items).toEqual([withoutType(said)]);
  });

  test("follow the order of arrival on a user socket", async () => {
    const { room, people } = await someRoom(2);
    const line = await userSocket(people[0]);
    const contents = Array.from({ length: 100 }, (_, at) => `number ${at}`);
    for (const content of contents) line.send({ type: "message", conversation_id: room.id, content });
    await until("all of them", () => (line.events.length === contents.length ? true : undefined));
    expect(line.events.map((event) => event.content)).toEqual(contents);
  });
});

function withoutType({ type: _type, ...message }: Json): Json {
  return message;
}

/** A repeat is answered to the asking socket once more, on a user socket perhaps before what is on its way there. */
async function hearAll(lines: Line[], sequences: number[]): Promise<void> {
  for (const line of lines) {
    const distinct = () => [...new Set(line.events.map((event) => event.sequence))];
    await until("all events", () => (distinct().length === sequences.length ? true : undefined));
    expect(distinct().sort((one, other) => one - other)).toEqual(sequences);
  }
}
