import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { clientFrames } from "../../src/protocol/frames.ts";
import { parseFrames } from "../../src/protocol/parsing.ts";
import { spoiltFrames } from "../support/fuzz.ts";
import { asked } from "../support/paired.ts";
import {
  type Json,
  limitedUser,
  type Room,
  type Someone,
  someRoom,
  soon,
  unlimited,
  userSocket,
  withLimits,
} from "../support/room.ts";

// However busy the machine is, an own event comes before what was sent behind its command is answered.
withLimits({ ...soon, replayPage: 20, ownEventMs: 60_000 });

const kinds = {
  direct: (room: Room, who: Someone, batch: boolean) => room.socket(who, { batch }),
  user: (_room: Room, who: Someone, batch: boolean) => userSocket(who, { batch }),
};

/** Of a run: so many groups of frames, of which one knows what was answered to which. */
const groupsOfRun = 25;

// 100,000 in all; fewer where each is a commit, or a call, of its own.
describe.each([
  [500, "direct", "alone", 1],
  [93_000, "direct", "in arrays", 60],
  [500, "user", "alone", 1],
  [6_000, "user", "in arrays", 8],
] as const)("%i spoilt frames on a %s socket, %s,", (count, kind, how, size) => {
  test("change nothing where they are refused, and break nothing", async () => {
    const batch = how === "in arrays";
    const stage = await set(kind, batch);
    const reached = new Set<string>();
    const group = fc.array(spoiltFrames(stage.ids), { minLength: size, maxLength: size });
    const groups = fc.array(group, { minLength: groupsOfRun, maxLength: groupsOfRun });
    await fc.assert(
      fc.asyncProperty(groups, async (sent) => {
        const answers = await asked(stage.line, sent, batch);
        for (const [at, texts] of sent.entries()) {
          expectSound(answers[at] ?? [], texts);
          for (const type of texts.flatMap(typesIn)) reached.add(type);
        }
        for (const frame of answers.flat()) stage.take(frame);
        await stage.expectExplained();
      }),
      { numRuns: count / groupsOfRun / size, endOnFailure: true },
    );
    if (batch) expect([...reached].sort()).toEqual(Object.keys(clientFrames).sort());
    await stage.expectAlive();
  }, 300_000);
});

/** Of the frames that are in form: they reach the rules. */
function typesIn(text: string): string[] {
  return parseFrames(text, { batch: false, maxBytes: 65_536 }).flatMap((one) => (one.ok ? [one.frame.type] : []));
}

// UNAVAILABLE: on a busy machine, of ids nobody has, which Postgres is asked about.
const refusals =
  /^(INVALID_(MESSAGE|CONTENT)|(MESSAGE|CONVERSATION|USER)_NOT_FOUND|PERMISSION_DENIED|CONFLICT|UNAVAILABLE)$/;

const errorUnits = 10_000;

/** A refusal blames the sender, does not grow with what was sent, and is no answer beside another. */
function expectSound(said: Json[], texts: string[]): void {
  const errors = said.filter((frame) => frame.type === "error");
  const isSound = (error: Json) => refusals.test(error.code) && JSON.stringify(error).length < errorUnits;
  expect(errors.filter((error) => !isSound(error))).toEqual([]);
  if (texts.some((text) => text.trimStart().startsWith("["))) return; // on a batch socket, several frames
  expect(errors.length).toBeLessThanOrEqual(texts.length);
  if (texts.length === 1 && errors.length === 1) {
    expect(
      said.filter(({ type }) => answers.has(type)),
      texts[0],
    ).toEqual([]);
  }
}

/** Answers that say something is done. */
const answers = new Set(["mark_read_success", "message_ack", "subscribed", "synced"]);

/** Ann at the socket, Bob who witnesses, three things said, and a conversation of strangers. */
async function set(kind: keyof typeof kinds, batch: boolean) {
  const [{ room, people }, { room: foreign }] = [await someRoom(2), await someRoom(2)];
  const [ann, bob] = people;
  const said = [await room.say(ann, "one"), await room.say(bob, "two"), await room.say(ann, "three")];
  await room.limited(unlimited);
  await limitedUser(ann, unlimited);
  const line = await kinds[kind](room, ann, batch);
  const witness = await room.socket(bob, { batch: true });
  const chosen = Array.from({ length: 30 }, () => newId());
  const ids = [room.id, foreign.id, ann.id, bob.id, newId(), ...chosen, ...said.map(({ id }) => id)] as const;
  const marks = { read: 3, delivered: 3 };
  const before = await room.record(ann);
  let head = 3;

  return {
    line,
    ids,
    /** What an answer says has changed. */
    take({ type, sender_id, sequence }: Json): void {
      if (type === "mark_read_success" || sender_id === ann.id) marks.read = Math.max(marks.read, sequence);
      marks.delivered = Math.max(marks.delivered, marks.read, type === "message_ack" ? sequence : 0);
    },
    /** The log is what was heard, and the marks are what was answered: whatever was refused has left no trace. */
    async expectExplained(): Promise<void> {
      await witness.caughtUp(); // nor is it closed for its silence, however long the run takes
      const heard = witness.events.slice(head - 3);
      expect((await room.log(bob, head)).map(placeOf)).toEqual(heard.map(placeOf));
      head += heard.length;
      expect(await marksOf(room, ann)).toEqual(marks);
      expect(await marksOf(room, bob)).toEqual({ read: 2, delivered: 2 });
    },
    async expectAlive(): Promise<void> {
      expect(line.closed).toBeUndefined();
      const heard = witness.events;
      expect(new Set(heard.map((event) => event.type)).size).toBeGreaterThan(1);
      const deleted = new Set(heard.flatMap((event) => (event.type === "message_delete" ? [event.message_id] : [])));
      const lasting = (event: Json) => (deleted.has(event.id ?? event.message_id) ? placeOf(event) : event);
      expect((await room.log(bob, 3)).map(lasting)).toEqual(heard.map(lasting));
      const { sequence: _sequence, last_message: _last, me: _me, ...now } = await room.record(ann);
      expect(before).toMatchObject(now);
      expect(await room.say(ann, "alive")).toMatchObject({ sequence: head + 1 });
    },
  };
}

const placeOf = ({ type, sequence, id, message_id }: Json) => ({ type, sequence, id, message_id });

async function marksOf(room: Room, who: Someone) {
  const member = (await room.roster(who)).find(({ user_id }) => user_id === who.id);
  return { read: member?.read, delivered: member?.delivered };
}
