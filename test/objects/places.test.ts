import { evictDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { ConversationObject } from "../../src/objects/conversation.ts";
import { limits } from "../../src/protocol/limits.ts";
import {
  type Json,
  pair,
  Room,
  type Someone,
  soon,
  until,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";
import { type Fate, whilePostgres } from "../support/weather.ts";

withLimits(soon);

afterEach(() => void vi.restoreAllMocks());

const asleep = (who: Someone) => evictDurableObject(userObject(who) as unknown as DurableObjectStub);
const edit = (message_id: string, content = "better") => ({ type: "message_edit", message_id, content });

/** Ann's user socket, and a conversation of hers with Bob in which she has said something. */
async function stage() {
  const { room, ann, bob } = await pair();
  const line = await userSocket(ann);
  const said = await line.ask({ type: "message", conversation_id: room.id, content: "first" });
  return { room, ann, bob, line, said };
}

/** Each frame that may leave out its conversation, and what answers it. */
function allOf(id: string, target: Room): [Json, Json][] {
  return [
    [edit(id), { type: "message_edit", content: "better" }],
    [
      { type: "reaction", message_id: id, emoji: "👍", on: true },
      { type: "reaction", emoji: "👍", on: true },
    ],
    [
      { type: "pin", message_id: id, on: true },
      { type: "pin", on: true },
    ],
    [
      { type: "ack", message_id: id, ref: "a" },
      { type: "message_ack", status: "delivered", ref: "a" },
    ],
    [
      { type: "message_forward", message_id: id, conversation_id: target.id },
      { type: "message_forward", original_message_id: id, conversation_id: target.id },
    ],
    [
      { type: "message_delete", message_id: id },
      { type: "message_delete", message_id: id },
    ],
  ];
}

describe("a frame without conversation_id on the user socket", () => {
  test("works at once after one's own message, asking nobody", async () => {
    const { ann, line, said } = await stage();
    const target = await Room.create([ann]);
    const asked = vi.spyOn(ConversationObject.prototype, "has");
    await whilePostgres(
      said.id,
      () => "away",
      async () => {
        for (const [frame, answer] of allOf(said.id, target)) expect(await line.ask(frame)).toMatchObject(answer);
      },
    );
    expect(asked).not.toHaveBeenCalled();
  });

  test("works for what somebody else said", async () => {
    const { room, bob, line } = await stage();
    const { id } = await room.say(bob);
    await line.next((frame) => frame.id === id);
    expect(await line.ask({ type: "ack", message_id: id })).toMatchObject({ type: "message_ack", sequence: 2 });
    expect(await line.ask(edit(id))).toMatchObject({ type: "error", code: "PERMISSION_DENIED" });
  });

  test("may follow its message in one breath, in an array, too", async () => {
    const { room, ann } = await stage();
    for (const batch of [false, true]) {
      const line = await userSocket(ann, { batch });
      const id = newId();
      const frames = [{ type: "message", conversation_id: room.id, id, content: "first" }, edit(id)];
      await whilePostgres(
        id,
        () => "away", // nobody is asked
        async () => {
          if (batch) line.send(frames);
          else for (const frame of frames) line.send(frame);
          expect(await line.ofType("message")).toMatchObject({ id });
          expect(await line.next()).toMatchObject({ type: "message_edit", message_id: id });
        },
      );
    }
  });

  test("finds in Postgres what its object has forgotten", async () => {
    const { room, ann, line, said } = await stage();
    const target = await Room.create([ann]);
    const asked = vi.spyOn(ConversationObject.prototype, "has");
    for (const [frame, answer] of allOf(said.id, target)) {
      await room.settled();
      await asleep(ann);
      expect(await line.ask(frame)).toMatchObject(answer);
    }
    expect(asked).not.toHaveBeenCalled();
  });

  test("is refused where there is no such message: none at all, or in a conversation of others", async () => {
    const { line } = await stage();
    const { room, ann: eve } = await pair();
    const said = await room.say(eve);
    await room.settled();
    for (const id of [newId(), said.id]) {
      for (const [frame] of allOf(id, room)) {
        expect(await line.ask({ ...frame, ref: "r" })).toMatchObject({
          type: "error",
          code: "MESSAGE_NOT_FOUND",
          ref: "r",
        });
      }
    }
  });

  test("is refused where it cannot be found: by a sequence, or of a frame that has to say it", async () => {
    const { line, said } = await stage();
    const frames = [
      { type: "ack", sequence: 1 },
      { type: "mark_read", message_id: said.id },
      { type: "message", content: "x" },
      { type: "message_forward", message_id: said.id },
      { type: "subscribe" },
      { type: "unsubscribe" },
    ];
    for (const frame of frames) {
      expect(await line.ask({ ...frame, ref: "r" })).toMatchObject({ code: "INVALID_MESSAGE", ref: "r" });
    }
  });

  test("is refused where several conversations have it: as heard, and as archived", async () => {
    const { room, ann, line } = await stage();
    const other = await Room.create([ann]);
    const id = newId();
    for (const { id: conversation_id } of [room, other]) {
      expect(await line.ask({ type: "message", conversation_id, id, content: "x" })).toMatchObject({ id });
    }
    const refused = { type: "error", code: "INVALID_MESSAGE", ref: "r" };
    expect(await line.ask({ ...edit(id), ref: "r" })).toMatchObject(refused);
    await Promise.all([room.settled(), other.settled()]);
    await asleep(ann);
    expect(await line.ask({ ...edit(id), ref: "r" })).toMatchObject(refused);
    expect(await line.ask({ ...edit(id), conversation_id: other.id })).toMatchObject({ type: "message_edit" });
  });

  test.each(["removed", "left", "deleted"] as const)("is meant for the one they are still in: %s", async (how) => {
    const { room, ann, bob, line } = await stage();
    const other = await Room.create(how === "deleted" ? [ann, bob] : [bob, ann]);
    const id = newId();
    for (const { id: conversation_id } of [room, other]) {
      expect(await line.ask({ type: "message", conversation_id, id, content: "x" })).toMatchObject({ id });
    }
    if (how === "removed") await other.remove(bob, ann);
    if (how === "left") await other.ask(ann, { type: "leave" });
    if (how === "deleted") await other.ask(ann, { type: "delete" });
    await Promise.all([room.settled(), other.settled()]);
    await line.caughtUp();
    expect(await line.ask(edit(id))).toMatchObject({ type: "message_edit", conversation_id: room.id });
  });

  test("is meant for where the message is, not for where it was refused", async () => {
    const { room, ann, line, said } = await stage();
    const stranger = await pair();
    const elsewhere = { type: "message", conversation_id: stranger.room.id, id: said.id, content: "x" };
    expect(await line.ask(elsewhere)).toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    expect(await line.ask(edit(said.id))).toMatchObject({ type: "message_edit", conversation_id: room.id });
    await room.settled();
    await asleep(ann);
    expect(await line.ask(elsewhere)).toMatchObject({ code: "CONVERSATION_NOT_FOUND" });
    expect(await line.ask(edit(said.id, "best"))).toMatchObject({ type: "message_edit", conversation_id: room.id });
  });

  test("is refused while Postgres is away, when it is not known: and works when it is back", async () => {
    const { room, ann, line, said } = await stage();
    await room.settled();
    await asleep(ann);
    await whilePostgres(
      said.id,
      () => "away",
      async () => {
        const refused = { code: "UNAVAILABLE", details: { retry_after_ms: limits.unavailableRetryMs }, ref: "r" };
        expect(await line.ask({ ...edit(said.id), ref: "r" })).toMatchObject(refused);
      },
    );
    expect(await line.ask(edit(said.id))).toMatchObject({ type: "message_edit" });
  });

  test("is refused while a conversation that may have it does not answer", async () => {
    const { line } = await stage();
    vi.spyOn(ConversationObject.prototype, "has").mockRejectedValue(new Error("It is away"));
    expect(await line.ask({ ...edit(newId()), ref: "r" })).toMatchObject({ code: "UNAVAILABLE", ref: "r" });
  });
});

describe("what the archive does not have yet", () => {
  withLimits({ drainSoonMs: 600_000 });

  test("is found in the objects of conversations one follows", async () => {
    const { ann, line, said } = await stage();
    const target = await Room.create([ann]);
    for (const [frame, answer] of allOf(said.id, target)) {
      await asleep(ann);
      expect(await line.ask(frame)).toMatchObject(answer);
    }
  });

  test("is not found for who is no member of it any more", async () => {
    const { room, bob, ann, said } = await stage();
    const bobs = await userSocket(bob);
    await room.say(ann); // he follows
    await bobs.ofType("message");
    await room.remove(ann, bob);
    await bobs.ofType("member_removed");
    await asleep(bob);
    expect(await bobs.ask({ type: "ack", message_id: said.id })).toMatchObject({ code: "MESSAGE_NOT_FOUND" });
  });
});

describe("while it is looked up", () => {
  test("the frames behind it wait, those of other sockets do not, and all are answered in order", async () => {
    const { room, ann, line, said } = await stage();
    const other = await userSocket(ann);
    await room.settled();
    await asleep(ann);
    const slow = slowly("lateral");
    await whilePostgres(said.id, slow.fate, async () => {
      line.send(edit(said.id));
      await slow.asked();
      line.send({ type: "message", conversation_id: room.id, content: "behind" });
      line.send({ type: "nonsense", ref: "n" });
      line.send(edit(newId()));
      line.send({ type: "ping", ref: "p" });
      expect(await other.ask({ type: "message", conversation_id: room.id, content: "meanwhile" })).toMatchObject({
        sequence: 2,
      });
      slow.go();
      await line.next((frame) => frame.ref === "p");
    });
    const heard = line.frames.slice(1).map(({ type, content, code, ref }) => content ?? code ?? ref ?? type);
    expect(heard).toEqual(["meanwhile", "better", "behind", "INVALID_MESSAGE", "MESSAGE_NOT_FOUND", "p"]);
  });

  test("no more waits than fits: beyond, the socket is closed, and nothing that waited is done", async () => {
    const { room, ann, line, said } = await stage();
    await room.settled();
    await asleep(ann);
    const slow = slowly("lateral");
    await whilePostgres(said.id, slow.fate, async () => {
      line.send(edit(said.id));
      for (let at = 0; at < 9; at++) line.send({ type: "ping", padding: "x".repeat(limits.waitingUnits / 8) });
      expect(await line.ended()).toMatchObject({ code: 4429 });
      slow.go();
    });
    expect((await room.page(ann)).items).toMatchObject([{ content: "first" }]);
  });

  test("it counts in the general limit, found or not", async () => {
    const { room, line } = await stage();
    await room.limited({ WS_RATE_LIMIT_GENERAL_PER_MINUTE: 3 });
    const refused: Json[] = [];
    for (let at = 0; at < 4; at++) refused.push(await line.ask(edit(newId())));
    expect(refused.map(({ code }) => code)).toEqual([...Array(3).fill("MESSAGE_NOT_FOUND"), "RATE_LIMIT_EXCEEDED"]);
    await room.awake();
  });
});

describe("of the many messages heard", () => {
  withLimits({ places: 2 });

  test("the last are remembered; the others are asked for", async () => {
    const { room, line, said } = await stage();
    const ids = [said.id];
    for (const content of ["second", "third"]) {
      ids.push((await line.ask({ type: "message", conversation_id: room.id, content })).id);
    }
    await room.settled();
    const lookups = async (id: string) =>
      await whilePostgres(
        id,
        () => "fine",
        async (sent) => {
          expect(await line.ask(edit(id))).toMatchObject({ type: "message_edit" });
          return sent.filter(({ body }) => body.includes("lateral")).length;
        },
      );
    expect([await lookups(ids[2] ?? ""), await lookups(ids[1] ?? ""), await lookups(ids[0] ?? "")]).toEqual([0, 0, 1]);
  });
});

/** Postgres, which takes its time for questions that hold a word. */
function slowly(word: string) {
  let isAsked = false;
  let isOver = false;
  const fate = async (body: string): Promise<Fate> => {
    if (!body.includes(word)) return "fine";
    isAsked = true;
    await until("leave to go on", () => isOver || undefined);
    return "fine";
  };
  const go = () => {
    isOver = true;
  };
  return { fate, go, asked: () => until("the question", () => isAsked || undefined) };
}
