import { afterEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../src/chance.ts";
import type { Identity } from "../../src/objects/sockets.ts";
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
  killedUser,
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
