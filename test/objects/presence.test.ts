import { evictDurableObject } from "cloudflare:test";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import { deleteBlock, insertBlock } from "../../src/db/blocks.ts";
import { users } from "../../src/db/schema.ts";
import type { Identity } from "../../src/objects/sockets.ts";
import { UserObject } from "../../src/objects/user.ts";
import { limits } from "../../src/protocol/limits.ts";
import {
  db,
  insideUser,
  type Json,
  killedUser,
  type Line,
  pair,
  type Room,
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

const asleep = (who: Someone) => evictDurableObject(userObject(who) as unknown as DurableObjectStub);
const presence = (...people: { id: string }[]) => ({ type: "presence", user_ids: people.map(({ id }) => id) });
const state = (state: "active" | "background") => ({ type: "client_state", state });
const online = ({ id: user_id }: Someone) => ({ type: "user_online", user_id });
const offline = ({ id: user_id }: Someone) => ({ type: "user_offline", user_id, last_seen: expect.any(String) });
/** As somebody who was never there. */
const unseen = ({ id: user_id }: Someone) => ({ user_id, online: false });
const time = (text: string) => Date.parse(text);

async function itemsOf(line: Line, ...people: { id: string }[]): Promise<Json[]> {
  const answer = await line.ask(presence(...people));
  expect(answer).toMatchObject({ type: "presence_state" });
  return answer.items;
}

/** Ann watches Bob by a user socket and by a direct one; both have been shown that he is away. */
async function watched() {
  const { room, ann, bob } = await pair();
  const lines = [await userSocket(ann), await room.socket(ann)] as const;
  for (const line of lines) expect(await itemsOf(line, bob)).toEqual([unseen(bob)]);
  return { room, ann, bob, lines };
}

const hear = async (lines: readonly Line[], frame: Json) => {
  for (const line of lines) expect(await line.next(isChange)).toEqual(frame);
};

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

describe("nothing is to be seen of", () => {
  /** Somebody of all whom Ann may not see, who comes and goes; she has Bob to tell that she hears at all. */
  async function unheardOf(hidden: Someone, room: Room, [ann, bob]: [Someone, Someone]) {
    const lines = [await userSocket(ann), await room.socket(ann)];
    for (const line of lines) expect(await itemsOf(line, hidden, bob)).toEqual([unseen(hidden), unseen(bob)]);
    const theirs = await userSocket(hidden);
    for (const line of lines) expect(await itemsOf(line, hidden, bob)).toEqual([unseen(hidden), unseen(bob)]);
    theirs.close();
    await theirs.ended();
    await userSocket(bob);
    await hear(lines, online(bob));
    for (const line of lines) expect(await itemsOf(line, hidden)).toEqual([unseen(hidden)]);
  }

  test("a stranger, or who is in no conversation with one any more", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    await unheardOf(await somebody("Eve"), room, [ann, bob]);
    await room.remove(ann, cem);
    await room.settled();
    const other = (await pair()).room;
    const dot = await somebody("Dot");
    await other.settled();
    await unheardOf(cem, room, [ann, await asked(room, ann, dot)]);
  });

  test("who has blocked one, or whom one has blocked", async () => {
    for (const isMine of [true, false]) {
      const { room, people } = await someRoom(3);
      const [ann, bob, cem] = people as [Someone, Someone, Someone];
      await block(isMine ? ann : cem, isMine ? cem : ann);
      await unheardOf(cem, room, [ann, bob]);
    }
  });

  test("who shows nobody; they see others all the same, and themselves", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    await showing(cem, "nobody");
    const cems = await userSocket(cem);
    expect(await itemsOf(cems, bob, cem)).toEqual([unseen(bob), { user_id: cem.id, online: true }]);
    cems.close();
    await cems.ended();
    await unheardOf(cem, room, [ann, bob]);
  });

  test("who is in a deleted conversation only", async () => {
    const { room, people } = await someRoom(2);
    const [ann, bob] = people;
    await room.ask(ann, { type: "delete" });
    await room.settled();
    await userSocket(bob);
    expect(await itemsOf(await userSocket(ann), bob)).toEqual([unseen(bob)]);
  });
});

describe("who may not be seen any more", () => {
  /** Ann's sockets, which have been shown that Bob is there. */
  async function shown() {
    const stage = await watched();
    const bobs = await userSocket(stage.bob);
    await hear(stage.lines, online(stage.bob));
    return { ...stage, bobs };
  }

  const gone = ({ id: user_id }: Someone) => ({ type: "user_offline", user_id });

  test("by a block, of either side, is gone, without when they were there last, until it is taken back", async () => {
    for (const isMine of [true, false]) {
      const { ann, bob, bobs, lines } = await shown();
      const [blocking, blocked] = isMine ? [ann, bob] : [bob, ann];
      await block(blocking, blocked);
      await userObject(blocking).factsChanged();
      await hear(lines, gone(bob));
      bobs.send(state("background"));
      bobs.send(state("active"));
      for (const line of lines) {
        expect(await itemsOf(line, bob)).toEqual([unseen(bob)]);
        expect((await line.caughtUp()).filter(isChange)).toEqual([online(bob), gone(bob)]);
      }
      await deleteBlock(db, blocking.id, blocked.id);
      await userObject(blocking).factsChanged();
      await hear(lines, online(bob)); // she watches still
      for (const line of lines) expect(await itemsOf(line, bob)).toEqual([{ user_id: bob.id, online: true }]);
    }
  });

  test("is not seen again by a telling that was on its way", async () => {
    const { ann, bob, lines } = await shown();
    await block(ann, bob);
    await userObject(ann).factsChanged();
    await hear(lines, gone(bob));
    const late = { user_id: bob.id, online: true, number: Date.now() };
    expect(await userObject(ann).seen(ann.id, late)).toBe(true); // she watches still; Postgres says the same again
    for (const line of lines) expect((await line.caughtUp()).filter(isChange).at(-1)).toEqual(gone(bob));
  });

  test("is not by who was found to be allowed to just before", async () => {
    const { people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    const [line, cems] = [await userSocket(ann), await userSocket(cem)];
    await userSocket(bob);
    await itemsOf(cems, bob);
    const { watch } = UserObject.prototype;
    const [asking, mayAsk] = [vi.fn(), vi.fn(() => false)];
    vi.spyOn(UserObject.prototype, "watch").mockImplementation(async function (this: UserObject, ...about) {
      asking();
      await until("leave to ask", () => mayAsk() || undefined);
      return watch.apply(this, about);
    });
    line.send(presence(bob));
    await until("the question", () => asking.mock.calls.length > 0 || undefined);
    await block(bob, ann);
    await userObject(bob).factsChanged();
    const reviews = ({ storage }: DurableObjectState) => storage.sql.exec("select reviews from presence").one().reviews;
    await until("the review", async () => (await insideUser(bob, reviews)) === 0 || undefined);
    mayAsk.mockReturnValue(true);
    await line.ofType("presence_state");
    await until("Bob to be hidden", () => {
      const newest = line.frames.at(-1);
      return newest.type === "user_offline" || newest.items?.[0].online === false || undefined;
    });
  });

  test("by their setting: likewise; a change that hides nothing calls nobody", async () => {
    const { bob, lines } = await shown();
    const told = vi.spyOn(UserObject.prototype, "seen");
    const reviewed = async () => {
      await userObject(bob).factsChanged();
      await until("the review", async () => {
        const look = ({ storage }: DurableObjectState) =>
          storage.sql.exec("select reviews from presence").one().reviews;
        return (await insideUser(bob, look)) === 0 ? true : undefined;
      });
    };
    await reviewed();
    expect(told).not.toHaveBeenCalled();
    await showing(bob, "nobody");
    await reviewed();
    await hear(lines, gone(bob));
    await showing(bob, "everyone");
    await reviewed();
    await hear(lines, online(bob));
  });

  test("was away: then nothing is said of it", async () => {
    const { ann, bob, lines } = await watched();
    await block(bob, ann);
    await userObject(bob).factsChanged();
    await userSocket(bob);
    await userObject(bob).factsChanged();
    for (const line of lines) {
      expect(await itemsOf(line, bob)).toEqual([unseen(bob)]);
      expect((await line.caughtUp()).filter(isChange)).toEqual([]);
    }
  });

  test("by leaving the last conversation in common", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    const line = await userSocket(ann);
    await Promise.all([userSocket(bob), userSocket(cem)]);
    expect(await itemsOf(line, bob, cem)).toMatchObject([{ online: true }, { online: true }]);
    await room.remove(ann, bob);
    expect(await line.next((frame) => isChange(frame))).toEqual(gone(bob));
    await room.add(ann, bob);
    expect(await line.next((frame) => isChange(frame))).toEqual(online(bob));
  });

  test("likewise where the only socket that watches is the direct one that hears of it", async () => {
    const { room, people } = await someRoom(3);
    const [ann, bob] = people as [Someone, Someone, Someone];
    const line = await room.socket(ann);
    await userSocket(bob);
    expect(await itemsOf(line, bob)).toMatchObject([{ online: true }]);
    await room.remove(ann, bob);
    expect(await line.next(isChange)).toEqual(gone(bob));
  });

  test("as their account has ended", async () => {
    const { bob, lines } = await shown();
    await userObject(bob).forget(true);
    await hear(lines, gone(bob));
    expect(await itemsOf(lines[0], bob)).toEqual([unseen(bob)]);
  });
});

describe("presence survives", () => {
  test("sleep of all: who watches, who is watched, and what was shown", async () => {
    const { room, ann, bob, lines } = await watched();
    const sleep = async () => {
      await Promise.all([asleep(ann), asleep(bob)]);
      await room.evicted();
    };
    await sleep();
    const bobs = await userSocket(bob);
    await hear(lines, online(bob));
    await sleep();
    bobs.send(state("background"));
    await hear(lines, offline(bob));
    await sleep();
    bobs.send(state("active"));
    await hear(lines, online(bob));
    await sleep();
    expect(await itemsOf(await userSocket(ann), bob)).toEqual([{ user_id: bob.id, online: true }]);
    bobs.close();
    await hear(lines, offline(bob));
  });

  test("death of the watched: their sockets are gone, and that is told", async () => {
    const { bob, lines } = await watched();
    await userSocket(bob);
    await hear(lines, online(bob));
    await killedUser(bob);
    await userObject(bob).heads(); // it wakes: by itself it would by its alarm
    await hear(lines, offline(bob));
  });

  test("a telling that fails: it is told again, and once", async () => {
    const { bob, lines } = await watched();
    const { seen } = UserObject.prototype;
    let failures = 2;
    vi.spyOn(UserObject.prototype, "seen").mockImplementation(function (this: UserObject, ...told) {
      return failures-- > 0 ? Promise.reject(new Error("It is away")) : seen.apply(this, told);
    });
    await userSocket(bob);
    await hear(lines, online(bob));
    for (const line of lines) expect((await line.caughtUp()).filter(isChange)).toHaveLength(1);
  });

  test("an answer that is overtaken by a telling: what was told counts, and goes on", async () => {
    const { ann, bob } = await pair();
    const { watch } = UserObject.prototype;
    const [asked, mayAnswer] = [vi.fn(), vi.fn(() => false)];
    vi.spyOn(UserObject.prototype, "watch").mockImplementation(async function (this: UserObject, ...about) {
      const seen = await watch.apply(this, about);
      asked();
      await until("leave to answer", () => mayAnswer() || undefined);
      return seen;
    });
    const told = vi.spyOn(UserObject.prototype, "seen");
    const line = await userSocket(ann);
    line.send(presence(bob));
    await until("the question", () => asked.mock.calls.length > 0 || undefined);
    const bobs = await userSocket(bob);
    await until("the telling", () => told.mock.settledResults.some(({ type }) => type === "fulfilled") || undefined);
    mayAnswer.mockReturnValue(true);
    expect(await line.ofType("presence_state")).toMatchObject({ items: [{ user_id: bob.id, online: true }] });
    bobs.close();
    await hear([line], offline(bob));
  });

  test("somebody's object that cannot be asked: they are away until it can", async () => {
    const { room, ann, bob } = await pair();
    await userSocket(bob);
    const { watch } = UserObject.prototype;
    let isAway = true;
    vi.spyOn(UserObject.prototype, "watch").mockImplementation(function (this: UserObject, ...asked) {
      return isAway ? Promise.reject(new Error("It is away")) : watch.apply(this, asked);
    });
    const lines = [await userSocket(ann), await room.socket(ann)];
    for (const line of lines) expect(await itemsOf(line, bob)).toEqual([unseen(bob)]);
    isAway = false;
    await hear(lines, online(bob));
  });

  test("Postgres away when somebody comes: it is told as soon as it can be asked who may hear it", async () => {
    const { bob, lines } = await watched();
    let tries = 0;
    await whilePostgres(
      bob.id,
      () => (++tries > 2 ? "fine" : "away"),
      async () => {
        await userSocket(bob);
        await hear(lines, online(bob));
      },
    );
    expect(tries).toBeGreaterThan(2);
  });

  test("who no longer watches, which costs one call", async () => {
    const { people } = await someRoom(3);
    const [ann, bob, cem] = people as [Someone, Someone, Someone];
    const [line, cems] = [await userSocket(ann), await userSocket(cem)];
    for (const one of [line, cems]) expect(await itemsOf(one, bob)).toEqual([unseen(bob)]);
    line.close();
    await line.ended();
    const told = vi.spyOn(UserObject.prototype, "seen");
    const bobs = await userSocket(bob);
    await hear([cems], online(bob));
    bobs.close();
    await hear([cems], offline(bob));
    const countOf = ({ id }: Someone) => told.mock.calls.filter(([who]) => who === id).length;
    expect([countOf(ann), countOf(cem)]).toEqual([1, 2]);
  });

  test("nothing of a direct socket that watched and is closed: nobody is asked for it again", async () => {
    const { room, ann, bob } = await pair();
    const line = await room.socket(ann);
    await itemsOf(line, bob);
    const asked = ({ storage }: DurableObjectState) => storage.sql.exec("select * from asked").toArray().length;
    expect(await insideUser(ann, asked)).toBe(1);
    line.close();
    await until("it to be forgotten", async () => (await insideUser(ann, asked)) === 0 || undefined);
  });

  test("the longest lists and names there may be: an attachment holds them", async () => {
    const ids = (count: number) => Array.from({ length: count }, newId);
    const who: Identity = {
      ...signedIn(newId(), "😀".repeat(limits.nameCodePoints)),
      batch: true,
      is_active: true,
      heard_at: Date.now(),
      acks: true,
      follows: ids(limits.followed),
      watches: Object.fromEntries(ids(limits.presenceAsked).map((id) => [id, true])),
    };
    const kept = await insideUser(await somebody(), (state) => {
      const { 1: socket } = new WebSocketPair();
      state.acceptWebSocket(socket);
      socket.serializeAttachment(who);
      return socket.deserializeAttachment();
    });
    expect(kept).toEqual(who);
  });
});

function isChange({ type }: Json): boolean {
  return type === "user_online" || type === "user_offline";
}

async function block(by: Someone, whom: Someone): Promise<void> {
  expect(await insertBlock(db, { user_id: by.id, blocked_id: whom.id, most: 10, now: Date.now() })).toBe("blocked");
}

async function showing(who: Someone, last_seen: "everyone" | "nobody"): Promise<void> {
  await db.update(users).set({ settings: { last_seen } }).where(eq(users.id, who.id));
}

async function asked(room: Room, by: Someone, whom: Someone): Promise<Someone> {
  await room.add(by, whom);
  await room.settled();
  return whom;
}
