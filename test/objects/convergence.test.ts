import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heard, loaded, newReader, type Reader, request } from "../support/reader.ts";
import {
  type Json,
  type Line,
  type Room,
  type Someone,
  someRoom,
  soon,
  until,
  userSocket,
  withLimits,
} from "../support/room.ts";

withLimits({ ...soon, replayPage: 4, resetBehind: 12 });

/** What the way to the client does with the next frame. */
const mishap = fc.constantFrom("passed", "passed", "passed", "dropped", "repeated", "late");
const reacting = ["react", "react too", "take back"] as const;
const step = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom("say", "say", "say too", "edit", "delete", "forward", ...reacting) },
  { weight: 3, arbitrary: fc.constant("ask") },
  { weight: 1, arbitrary: fc.constantFrom("add", "reconnect", "emptied", "erase") },
);

const ways = {
  direct: (room: Room, who: Someone) => room.socket(who),
  user: (_room: Room, who: Someone) => userSocket(who),
};

describe.each(["direct", "user"] as const)("a client on a %s socket", (way) => {
  test("whose frames are dropped, repeated and reordered has the log by the client rules", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 30, size: "max" }),
        fc.infiniteStream(mishap),
        async (steps, mishaps) => {
          const { room, people } = await someRoom(4, { inside: 3 });
          const [ann, bob, dot, cem] = people as [Someone, Someone, Someone, Someone];
          let client = lossy(await ways[way](room, bob), mishaps);
          for (const step of steps) {
            if (step === "say") await room.say(ann, "hello");
            if (step === "say too") await room.execute(dot, [{ type: "message", content: "hello, too" }]);
            if (step === "edit" || step === "delete") await change(room, ann, step);
            if (step === "forward") await forward(room, ann);
            if (step === "react" || step === "take back") await react(room, ann, step === "react");
            if (step === "react too") await react(room, bob, true);
            if (step === "erase") await room.forget(dot, true);
            if (step === "add") await room.add(ann, cem);
            if (step === "ask") client.ask(room.id);
            client.hear();
            if (step !== "reconnect" && step !== "emptied") continue;
            if (step === "emptied") {
              await room.settled();
              await room.emptied();
            }
            client.line.close(1000);
            client = lossy(await ways[way](room, bob), mishaps, client.reader);
          }
          const reader = await client.settle(room, bob);
          const { epoch, items } = await room.page(bob);
          expect(reader.epoch).toBe(epoch);
          expect(reader.last).toBe((await room.record(bob)).sequence);
          const kept = [...reader.messages.values()].sort((one, other) => other.sequence - one.sequence);
          expect(kept.map(unnamed)).toEqual(items.map(unnamed));
        },
      ),
      { numRuns: 7 },
    );
  });
});

/** Something Ann has said, not always the newest, says something else, or nothing any more. */
async function change(room: Room, ann: Someone, how: "edit" | "delete"): Promise<void> {
  const { items } = await room.page(ann);
  const own = items.filter((one) => one.sender_id === ann.id && !one.is_deleted && !one.forwarded_from);
  const message_id = own[own.length % 3]?.id;
  if (message_id === undefined) return;
  if (how === "delete") await room.ask(ann, { type: "message_delete", message_id });
  else await room.ask(ann, { type: "message_edit", message_id, content: `better ${own.length}` });
}

/** Puts something on the newest message, or takes it back. Refusals are part of it. */
async function react(room: Room, who: Someone, on: boolean): Promise<void> {
  const { items } = await room.page(who);
  const { id: message_id } = items[0] ?? who;
  await room.execute(who, [{ type: "reaction", message_id, emoji: items.length % 2 ? "👍" : "🎉", on }]);
}

async function forward(room: Room, who: Someone): Promise<void> {
  const { items } = await room.page(who);
  await room.execute(who, [{ type: "message_forward", message_id: items.at(-1)?.id ?? who.id }]);
}

/** Names are labels: taking one out is no event. */
const unnamed = ({ sender_name: _name, ...message }: Json) => message;

/** A client behind a way that loses, repeats and delays. */
function lossy(line: Line, mishaps: Iterator<string>, from: Reader = { ...newReader(), epoch: undefined }) {
  let reader: Reader = { ...from, wants: "subscribe" };
  let read = 0;
  let late: unknown[] = [];
  const take = (frame: unknown) => {
    reader = heard(reader, frame);
  };
  return {
    line,
    get reader() {
      return reader;
    },
    hear() {
      const before = late;
      late = [];
      for (const frame of line.frames.slice(read)) {
        const what = mishaps.next().value;
        if (what === "late") late.push(frame);
        else if (what !== "dropped") take(frame);
        if (what === "repeated") take(frame);
      }
      read = line.frames.length;
      for (const frame of before) take(frame);
    },
    ask(conversation_id: string) {
      line.send({ ...request(reader), conversation_id });
    },
    /** The way is good again: it asks until there is nothing it wants. */
    async settle(room: Room, who: Someone): Promise<Reader> {
      reader = { ...reader, wants: "subscribe" };
      read = line.frames.length;
      while (reader.wants !== "nothing" || reader.lacksPage) {
        if (reader.wants === "nothing") {
          reader = loaded(reader, await room.page(who));
          continue;
        }
        const ref = `answer ${Math.random()}`;
        line.send({ ...request(reader), conversation_id: room.id, ref });
        await until("its answer", () => line.frames.find((frame) => frame.ref === ref));
        await line.caughtUp();
        for (const frame of line.frames.slice(read)) take(frame);
        read = line.frames.length;
      }
      return reader;
    },
  };
}
