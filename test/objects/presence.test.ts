import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { UserObject } from "../../src/objects/user.ts";
import { limits } from "../../src/protocol/limits.ts";
import {
  asleep,
  hear,
  isChange,
  itemsOf,
  offline,
  online,
  presence,
  state,
  unseen,
  watched,
} from "../support/presence.ts";
import {
  insideUser,
  pair,
  type Someone,
  signedIn,
  somebody,
  someRoom,
  soon,
  until,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";
import { whilePostgres } from "../support/weather.ts";

// As the real numbers, but small.
withLimits({ ...soon, flapMs: 200, jobSoonMs: 5, partedMs: 100, rewatchRetryMs: 200, failedJobMs: 50 });

afterEach(() => void vi.restoreAllMocks());

const time = (text: string) => Date.parse(text);

describe("presence", () => {
  test("is answered in the order asked, each as often, on both kinds of sockets", async () => {
    const { room, people } = await someRoom(4);
    const [ann, bob, cem, dot] = people as [Someone, Someone, Someone, Someone];
    await userSocket(bob);
    const before = Date.now();
    (await userSocket(cem)).close();
    await until("Cem to be away", async () => {
      const [item] = await itemsOf(await userSocket(ann), cem);
      return item.online ? undefined : true;
    });
    for (const line of [await userSocket(ann), await room.socket(ann)]) {
      const asked = { ...presence(cem, bob, dot, cem, ann), ref: "p" };
      const answer = await line.ask(asked);
      const gone = { user_id: cem.id, online: false, last_seen: expect.any(String) };
      const items = [gone, { user_id: bob.id, online: true }, unseen(dot), gone, { user_id: ann.id, online: true }];
      expect(answer).toEqual({ type: "presence_state", items, ref: "p" });
      expect(time(answer.items[0].last_seen)).toBeGreaterThanOrEqual(before);
      expect(time(answer.items[0].last_seen)).toBeLessThanOrEqual(Date.now());
    }
  });

  test("tells who watches when somebody comes, and when they go: since the close, not since the telling", async () => {
    const { room, bob, lines } = await watched();
    for (const open of [() => userSocket(bob), () => room.socket(bob)]) {
      const line = await open();
      await hear(lines, online(bob));
      const from = Date.now();
      line.close();
      for (const watching of lines) {
        const frame = await watching.next();
        expect(frame).toEqual(offline(bob));
        expect(time(frame.last_seen)).toBeGreaterThanOrEqual(from);
        expect(Date.now() - time(frame.last_seen)).toBeGreaterThanOrEqual(limits.flapMs);
      }
    }
  });

  test("ends with the last active socket, whichever device and whichever kind", async () => {
    const { room, bob, lines } = await watched();
    const phone = { actor: signedIn(bob.id, "Bob") };
    const open = [await userSocket(bob), await room.socket(bob), await userSocket(bob, phone)];
    await hear(lines, online(bob));
    for (const line of open.splice(0, 2)) {
      line.close();
      await line.ended();
    }
    expect(await itemsOf(lines[0], bob)).toEqual([{ user_id: bob.id, online: true }]);
    for (const line of open) line.close();
    await hear(lines, offline(bob));
  });

  test("is not of sockets in the background, whichever kind; events reach them all the same", async () => {
    const { room, ann, bob, lines } = await watched();
    for (const open of [() => userSocket(bob), () => room.socket(bob)]) {
      const line = await open();
      await hear(lines, online(bob));
      line.send(state("background"));
      await hear(lines, offline(bob));
      const { id } = await room.say(ann);
      for (const one of [line, ...lines]) expect(await one.next((frame) => frame.id === id)).toBeDefined();
      line.send(state("active"));
      await hear(lines, online(bob));
      line.send(state("background"));
      await hear(lines, offline(bob));
    }
  });

  test("of a session with two direct sockets ends when the one in front closes", async () => {
    const { room, bob, lines } = await watched();
    const [front, back] = [await room.socket(bob), await room.socket(bob)];
    await hear(lines, online(bob));
    back.send(state("background"));
    await back.caughtUp();
    front.close();
    await hear(lines, offline(bob));
  });

  test("goes on where one direct socket of a session opens while its last one closes", async () => {
    const { room, bob, lines } = await watched();
    const first = await room.socket(bob);
    await hear(lines, online(bob));
    const { attached } = UserObject.prototype;
    const [told, mayAnswer] = [vi.fn(), vi.fn(() => false)];
    vi.spyOn(UserObject.prototype, "attached").mockImplementation(async function (this: UserObject, ...about) {
      const answer = await attached.apply(this, about);
      told();
      await until("leave to answer", () => mayAnswer() || undefined);
      return answer;
    });
    const opening = room.socket(bob);
    await until("the word of it", () => told.mock.calls.length > 0 || undefined);
    first.close();
    await first.ended();
    await room.record(bob); // the close was heard before it
    mayAnswer.mockReturnValue(true);
    const second = await opening;
    await second.caughtUp();
    const direct = ({ storage }: DurableObjectState) => storage.sql.exec("select * from direct").toArray();
    expect(await insideUser(bob, direct)).toHaveLength(1);
    second.close();
    await hear(lines, offline(bob));
  });

  test("is of those asked for last; an empty list ends it", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    for (const line of [await userSocket(ann), await room.socket(ann)]) {
      await itemsOf(line, bob);
      await itemsOf(line, cem);
      const [bobs, cems] = [await userSocket(bob), await userSocket(cem)];
      expect(await line.next()).toEqual(online(cem));
      expect(await itemsOf(line)).toEqual([]);
      const other = await userSocket(ann);
      expect(await itemsOf(other, bob, cem)).toMatchObject([{ online: true }, { online: true }]);
      for (const one of [bobs, cems]) one.close();
      await until("both to have gone", () => (other.frames.filter(isChange).length === 2 ? true : undefined));
      expect((await line.caughtUp()).filter(isChange)).toEqual([online(cem)]);
    }
  });

  test("calls nobody for whom nobody watches, nor for a stranger", async () => {
    const { ann, bob } = await pair();
    const stranger = await somebody("Eve");
    const calls = vi.spyOn(UserObject.prototype, "watch");
    const told = vi.spyOn(UserObject.prototype, "seen");
    await itemsOf(await userSocket(ann), stranger, { id: newId() });
    const line = await userSocket(bob);
    line.close();
    await line.ended();
    expect(calls).not.toHaveBeenCalled();
    await itemsOf(await userSocket(ann), bob);
    expect(calls).toHaveBeenCalledTimes(1);
    expect(told.mock.calls.filter(([who]) => who !== ann.id)).toEqual([]);
  });
});

describe("a moment away", () => {
  withLimits({ flapMs: 3_000 });

  test("makes nothing of who is back in time, by whatever way", async () => {
    const { room, bob, lines } = await watched();
    let line = await userSocket(bob);
    await hear(lines, online(bob));
    line.send(state("background"));
    line.send(state("active"));
    line.close();
    await line.ended();
    expect(await itemsOf(lines[0], bob)).toEqual([{ user_id: bob.id, online: true }]);
    line = await room.socket(bob);
    line.close();
    await line.ended();
    await hear(lines, offline(bob));
    for (const watching of lines) expect((await watching.caughtUp()).filter(isChange)).toHaveLength(2);
  });
});

describe("a direct socket of which nothing is heard", () => {
  withLimits({ directMs: 300 });

  test("has gone when the conversation died without a word, since it was last heard of", async () => {
    const { bob, ann, room } = await pair();
    await room.socket(bob);
    const line = await userSocket(ann);
    expect(await itemsOf(line, bob)).toEqual([{ user_id: bob.id, online: true }]);
    const last = Date.now();
    await room.killed();
    const frame = await line.next();
    expect(frame).toEqual(offline(bob));
    expect(time(frame.last_seen)).toBeLessThanOrEqual(last);
  });

  test("was there when last heard of, also where its user's object has slept since", async () => {
    const { bob, ann, room } = await pair();
    await room.socket(bob);
    const came = Date.now();
    await until("a moment", () => Date.now() > came || undefined);
    const last = Date.now();
    await userObject(bob).attached(room.id, bob.actor.session_id, true);
    await room.killed();
    await asleep(bob);
    await until("it to lapse", () => Date.now() > last + limits.directMs + 100 || undefined);
    const [item] = await itemsOf(await userSocket(ann), bob);
    expect(item).toMatchObject({ online: false });
    expect(time(item.last_seen)).toBeGreaterThanOrEqual(last);
  });
});

describe("subscribed names as online", () => {
  test("who has an active socket, and nobody in the background", async () => {
    const { room, ann, bob } = await pair();
    const [direct, user] = [await room.socket(bob), await userSocket(bob)];
    const names = async () => (await (await room.socket(ann)).ask({ type: "subscribe", since: 0 })).online;
    const toldIn = async () => void (await room.ask(bob, { type: "ping" }));
    expect(await names()).toContain(bob.id);
    for (const line of [direct, user]) {
      line.send(state("background"));
      await line.caughtUp();
    }
    await userObject(bob).attached(room.id, bob.actor.session_id, false);
    await toldIn();
    await room.say(ann); // the answer of Bob's object says it
    await until("Bob to be away", async () => ((await names()).includes(bob.id) ? undefined : true));
  });
});

describe("presence refuses", () => {
  test("a list that is too long, ids and states that are none: and nothing has changed", async () => {
    const { room, bob, ann } = await pair();
    for (const line of [await userSocket(bob), await room.socket(bob)]) {
      const tooMany = { type: "presence", user_ids: Array.from({ length: 101 }, newId) };
      const wrong = [tooMany, { type: "presence" }, { type: "presence", user_ids: ["bob"] }];
      for (const frame of [...wrong, { type: "client_state" }, { type: "client_state", state: "asleep" }]) {
        expect(await line.ask({ ...frame, ref: "r" })).toMatchObject({
          type: "error",
          code: "INVALID_MESSAGE",
          ref: "r",
        });
      }
      expect(await itemsOf(await userSocket(ann), bob)).toEqual([{ user_id: bob.id, online: true }]);
    }
  });

  test("more than the general limit: of the user's object, or of the conversation's", async () => {
    const { room, ann, bob } = await pair();
    await room.limited({ WS_RATE_LIMIT_GENERAL_PER_MINUTE: 3 });
    const refused = { type: "error", code: "RATE_LIMIT_EXCEEDED", ref: "r" };
    for (const line of [await room.socket(ann), await userSocket(bob)]) {
      const ask = () => line.ask({ ...presence(ann), ref: "r" });
      for (let at = 0; at < 2; at++) expect(await ask()).toMatchObject({ type: "presence_state" });
      line.send(state("background"));
      expect(await ask()).toMatchObject(refused);
      expect(await line.ask({ ...state("active"), ref: "r" })).toMatchObject(refused);
    }
    await room.awake();
  });

  test("while Postgres is away, and answers again when it is back", async () => {
    const { room, ann, bob } = await pair();
    for (const line of [await userSocket(ann), await room.socket(ann)]) {
      await whilePostgres(
        bob.id,
        () => "away",
        async () => {
          const refused = {
            type: "error",
            code: "UNAVAILABLE",
            details: { retry_after_ms: expect.any(Number) },
            ref: "r",
          };
          expect(await line.ask({ ...presence(bob), ref: "r" })).toMatchObject(refused);
        },
      );
      expect(await itemsOf(line, bob)).toEqual([unseen(bob)]);
    }
  });
});
