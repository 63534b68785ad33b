import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { putDevice } from "../../src/db/push-devices.ts";
import { awaitedPushes, fares, newToken, pushedTo, pushesTo } from "../support/fcm.ts";
import { annAndBob, everyone, settled, waiting } from "../support/pushes.ts";
import {
  db,
  insideUser,
  killedUser,
  pair,
  type Someone,
  soon,
  until,
  userObject,
  withLimits,
} from "../support/room.ts";
import { inbox1 } from "../support/stores.ts";
import { whileFcm, whilePostgres } from "../support/weather.ts";

withLimits({ ...soon, pushSoonMs: 60, pushAgainMs: 60, pushRestMs: 50, pushRetryMs: 10 });

const tried = (who: Someone) =>
  insideUser(who, ({ storage }) => storage.sql.exec("select 1 from pushes where attempts > 0").toArray().length > 0);

describe("a push survives", () => {
  test.each(["failing", "quota"] as const)("FCM's %s: it comes once, and to the others at once", async (as) => {
    const { ann, bob, room, tokens } = await annAndBob(["android", "ios"]);
    const [slow = "", fine = ""] = tokens;
    await fares(slow, { as, times: 2, retry_after: 0 });
    await room.say(ann);
    await awaitedPushes(fine, 1);
    await awaitedPushes(slow, 1);
    await settled(room, bob);
    expect(await everyone(tokens)).toEqual([1, 1]);
  });

  test("a Retry-After: not before its time, whatever is said meanwhile", async () => {
    const { ann, bob, room, token } = await annAndBob();
    await fares(token, { as: "quota", times: 1, retry_after: 30 });
    const begun = Date.now();
    await room.say(ann);
    const dueIn = () =>
      insideUser(bob, ({ storage }) => {
        const [row] = storage.sql.exec<{ due_at: number }>("select due_at from pushes where attempts = 1").toArray();
        return row && row.due_at - begun;
      });
    expect(await until("it waits", dueIn)).toBeGreaterThanOrEqual(30_000);
    await room.say(ann);
    await room.settled();
    expect(await dueIn()).toBeGreaterThanOrEqual(30_000);
    expect(await pushesTo(token)).toEqual([]);
  });

  test("an access token FCM does not take any more", async () => {
    const { ann, bob, room, token } = await annAndBob();
    await fares(token, { as: "unauthenticated", times: 1 });
    await room.say(ann);
    await awaitedPushes(token, 1);
    await settled(room, bob);
    expect(await pushesTo(token)).toHaveLength(1);
  });

  test("a token that is gone: it is not pushed to again, the others are", async () => {
    const { ann, bob, room, tokens } = await annAndBob(["android", "ios"]);
    const [gone = "", fine = ""] = tokens;
    await fares(gone, { as: "unregistered", times: 1 });
    await room.say(ann);
    await awaitedPushes(fine, 1);
    await settled(room, bob);
    await room.say(ann);
    await awaitedPushes(fine, 2);
    await settled(room, bob);
    expect(await everyone(tokens)).toEqual([0, 2]);
  });

  test("the death of the object between the delivery and the push: it comes once to each", async () => {
    const { ann, bob, room, tokens } = await annAndBob(["android", "ios"]);
    await room.say(ann);
    await room.settled();
    expect(await waiting(bob)).toBe(1);
    await killedUser(bob);
    expect(await everyone(tokens)).toEqual([0, 0]);
    await userObject(bob).heads(); // wakes it; its alarm would, later
    for (const token of tokens) await awaitedPushes(token, 1);
    await settled(room, bob);
    expect(await everyone(tokens)).toEqual([1, 1]);
  });

  test("its death between FCM's answer and the note of it: it comes twice, under one tag", async () => {
    const { ann, bob, room, token } = await annAndBob();
    await whileFcm(
      token,
      () => "lost",
      async (sent) => {
        await room.say(ann);
        await until("FCM has it", () => (sent.length > 0 ? true : undefined));
        await killedUser(bob);
      },
    );
    await userObject(bob).heads();
    const pushes = await awaitedPushes(token, 2);
    await settled(room, bob);
    expect(new Set(pushes.map(({ android }) => android?.notification?.tag))).toEqual(new Set([room.id]));
    expect(new Set(pushes.map(({ data }) => data.message_id)).size).toBe(1);
  });

  test("Postgres away", async () => {
    const { ann, bob, room, token } = await annAndBob();
    await whilePostgres(
      bob.id,
      (body) => (body.includes("push_devices") ? "away" : "fine"),
      async () => {
        await room.say(ann);
        await until("it failed", async () => ((await tried(bob)) ? true : undefined));
      },
    );
    await awaitedPushes(token, 1);
    await settled(room, bob);
    expect(await pushesTo(token)).toHaveLength(1);
  });

  test("a device that was registered anew under another token", async () => {
    const { ann, bob, room } = await annAndBob();
    const [first, second] = [await pushedAgain(bob), await pushedAgain(bob)];
    await room.say(ann);
    await awaitedPushes(second, 1);
    await settled(room, bob);
    expect(await everyone([first, second])).toEqual([0, 1]);
  });
});

async function pushedAgain({ id, actor }: Someone): Promise<string> {
  const token = newToken();
  const { session_id } = actor;
  await putDevice(db, { user_id: id, session_id, device_id: "device-0", token, platform: "android", now: Date.now() });
  return token;
}

describe("when FCM stays away for too long", () => {
  withLimits({ pushKeptMs: 1 });

  test("what could not be pushed is no news any more", async () => {
    const { ann, bob, room, token } = await annAndBob();
    await fares(token, { as: "failing", times: 1 });
    await room.say(ann);
    await until("it is looked at", async () => ((await waiting(bob)) > 0 ? true : undefined));
    await settled(room, bob);
    expect(await pushesTo(token)).toEqual([]);
  });
});

test("an object from before there was push is pushed from", async () => {
  const { ann, bob, room } = await pair();
  await killedUser(bob);
  await insideUser(bob, ({ storage }) => void storage.sql.exec(inbox1(newId(), Date.now())));
  await killedUser(bob);
  const [token = ""] = await pushedTo(bob);
  await room.say(ann);
  await awaitedPushes(token, 1);
  await settled(room, bob);
});
