import { afterEach, describe, expect, test, vi } from "vitest";
import { deleteBlock } from "../../src/db/blocks.ts";
import { UserObject } from "../../src/objects/user.ts";
import {
  asked,
  block,
  hear,
  isChange,
  itemsOf,
  online,
  presence,
  showing,
  state,
  unseen,
  watched,
} from "../support/presence.ts";
import {
  db,
  insideUser,
  pair,
  type Room,
  type Someone,
  somebody,
  someRoom,
  soon,
  until,
  userObject,
  userSocket,
  withLimits,
} from "../support/room.ts";

// As the real numbers, but small.
withLimits({ ...soon, flapMs: 200, jobSoonMs: 5, partedMs: 100, rewatchRetryMs: 200, failedJobMs: 50 });

afterEach(() => void vi.restoreAllMocks());

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
