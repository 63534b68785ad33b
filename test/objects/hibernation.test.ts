import { evictDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import {
  type Json,
  type Line,
  type Someone,
  someRoom,
  soon,
  until,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";

withLimits(soon);

describe("a conversation survives sleep", () => {
  test("between any two steps: sockets stay, and nothing said is different", async () => {
    const { room, people } = await someRoom(3, { inside: 2 });
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    const [anns, bobs, user] = [await room.socket(ann), await room.socket(bob, { batch: true }), await userSocket(bob)];
    const id = newId();
    const steps: (() => Promise<unknown>)[] = [
      async () => expect(await anns.ask({ type: "message", content: "one", id })).toMatchObject({ sequence: 1 }),
      async () =>
        expect(await bobs.ask({ type: "mark_read", sequence: 1 })).toMatchObject({ type: "mark_read_success" }),
      async () => expect(await anns.ask({ type: "message", content: "one", id })).toMatchObject({ sequence: 1 }),
      async () => expect(await room.add(ann, cem)).toMatchObject({ made: 2 }),
      async () => expect(await bobs.ask({ type: "subscribe", since: 0 })).toMatchObject({ status: "recovered" }),
      async () => expect(await room.say(cem, "two")).toMatchObject({ sequence: 3 }),
      async () => expect(await room.remove(ann, cem)).toMatchObject({ made: 4 }),
      async () => expect((await room.page(bob)).items.map((message) => message.content)).toEqual(["two", "one"]),
    ];
    for (const step of steps) {
      await room.evicted();
      await step();
    }
    await room.evicted();
    await evictDurableObject(userObject(bob) as unknown as DurableObjectStub);
    await room.say(ann, "last");
    for (const line of [anns, bobs, user])
      expect(await line.next((frame) => frame.content === "last")).toMatchObject({ sequence: 5 });
    expect(user.events.map((event) => event.sequence)).toEqual([1, 2, 3, 4, 5]);
    expect((await room.record(bob)).me).toMatchObject({ read: 1, unread: 2 });
  });

  test("of the user's object: its sockets hear what comes next, and speak", async () => {
    const { room, people } = await someRoom(2);
    const line = await userSocket(people[1]);
    await evictDurableObject(userObject(people[1]) as unknown as DurableObjectStub);
    await room.say(people[0], "while it slept");
    expect(await line.ofType("message")).toMatchObject({ content: "while it slept" });
    await evictDurableObject(userObject(people[1]) as unknown as DurableObjectStub);
    line.send({ type: "message", content: "an answer", conversation_id: room.id });
    expect(await line.ofType("message")).toMatchObject({ content: "an answer", sequence: 2 });
  });

  test("with what was spent of the message limit recounted from the log", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    await room.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 50 });
    for (let at = 0; at < 40; at++) await room.say(ann);
    await evictDurableObject(room.object as unknown as DurableObjectStub);
    const said = await Promise.allSettled(Array.from({ length: 20 }, () => room.say(ann)));
    const refused = said.filter(({ status }) => status === "rejected").length;
    expect(refused).toBeGreaterThan(5); // some refill while the test runs
    expect(refused).toBeLessThanOrEqual(10);
    await room.say(bob);
  });

  test("with what was spent on edits, which is a limit of its own", async () => {
    const { room, people } = await someRoom(2);
    const [ann] = people;
    const { id: message_id } = await room.say(ann);
    await room.limited({ WS_RATE_LIMIT_MESSAGES_PER_MINUTE: 20 });
    const edit = (content: string) => room.ask(ann, { type: "message_edit", message_id, content });
    for (let at = 0; at < 15; at++) await edit(`${at}`);
    await evictDurableObject(room.object as unknown as DurableObjectStub);
    const tried = await Promise.allSettled(Array.from({ length: 10 }, () => edit("once more")));
    const refused = tried.filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThan(2); // some refill while the test runs
    for (const one of refused) expect(one).toMatchObject({ reason: { code: "RATE_LIMIT_EXCEEDED" } });
    await room.say(ann);
    await room.ask(ann, { type: "message_delete", message_id });
  });
});

describe("a conversation survives death", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("direct", "user", "rest") },
    { weight: 2, arbitrary: fc.constantFrom("killed", "evicted") },
  );

  test("at any moment: the log has all that was acknowledged, as it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30, size: "max" }), async (steps) => {
        const { room, people } = await someRoom(2);
        const [ann] = people;
        const user = await userSocket(ann);
        let direct = await room.socket(ann);
        const acknowledged: Json[] = [];
        const asked: Promise<unknown>[] = [];
        for (const step of steps) {
          const frame = { type: "message" as const, content: "hello", id: newId(), conversation_id: room.id };
          if (step === "direct") direct.send(frame);
          if (step === "user") user.send(frame);
          // Whether it was written nobody knows where no answer comes.
          if (step === "rest")
            asked.push(
              room.say(ann, "hello", frame.id).then(
                (event) => acknowledged.push(event),
                () => 0,
              ),
            );
          if (step === "evicted") await room.evicted();
          if (step !== "killed") continue;
          const before: Line = direct;
          await room.killed();
          await until("the socket's end", () => before.closed);
          acknowledged.push(...before.events);
          direct = await room.socket(ann);
        }
        await Promise.all(asked);
        await direct.caughtUp();
        await room.settled();
        acknowledged.push(...direct.events, ...user.events);
        await room.killed();
        const log = await room.log(ann);
        expect(log.map((event) => event.sequence)).toEqual(log.map((_, at) => at + 1));
        for (const event of acknowledged) expect(log[event.sequence - 1]).toEqual(event);
      }),
      // Before the test's own time is up, which would say nothing of what went wrong.
      { numRuns: 8, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: true },
    );
  });
});
