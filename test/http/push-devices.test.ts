import { describe, expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { closeAccount } from "../../src/db/forgetting.ts";
import { deleteToken, type PushDevice, putDevice, targetsOf } from "../../src/db/push-devices.ts";
import { endSessions } from "../../src/db/sessions.ts";
import type { Env } from "../../src/env.ts";
import { configOf } from "../../src/env.ts";
import { limits } from "../../src/protocol/limits.ts";
import { connectTokens } from "../../src/services/tokens.ts";
import { type Account, call, newAccount, post } from "../support/accounts.ts";
import { newToken } from "../support/fcm.ts";
import { bindings, db, withLimits } from "../support/room.ts";

const as = ({ tokens }: Account) => ({ token: tokens.access_token });
const put = (who: Account, device: string, token: string, platform = "android") =>
  call("PUT", `/users/me/devices/${device}`, { ...as(who), body: { token, platform } });
const take = (who: Account, device: string) => call("DELETE", `/users/me/devices/${device}`, as(who));
const devicesOf = async ({ user }: Account) => (await targetsOf(db, user.id, Date.now())).devices;

async function registration(who: Account, changes: Partial<PushDevice> = {}): Promise<PushDevice> {
  const { user_id, session_id } = await connectTokens(configOf(bindings as Env)).verify(who.tokens.access_token);
  return { user_id, session_id, device_id: "phone", token: newToken(), platform: "ios", now: Date.now(), ...changes };
}

describe("a push device does", () => {
  test("stand there once it is registered, with its newest token, until it is taken back", async () => {
    const ann = await newAccount();
    const [first, second] = [newToken(), newToken()];
    expect((await put(ann, "Pixel_7.work-1", first)).status).toBe(204);
    expect(await devicesOf(ann)).toEqual([{ device_id: "Pixel_7.work-1", token: first, platform: "android" }]);
    await put(ann, "Pixel_7.work-1", second, "web");
    expect(await devicesOf(ann)).toEqual([{ device_id: "Pixel_7.work-1", token: second, platform: "web" }]);
    for (let time = 0; time < 2; time++) expect((await take(ann, "Pixel_7.work-1")).status).toBe(204);
    expect(await devicesOf(ann)).toEqual([]);
  });

  test("move with its token to who signs in there, and to another name of it", async () => {
    const [ann, bob] = await Promise.all([newAccount("Ann"), newAccount("Bob")]);
    const token = newToken();
    await put(ann, "phone", token);
    await put(ann, "other", newToken());
    await put(bob, "phone", token);
    expect((await devicesOf(ann)).map(({ device_id }) => device_id)).toEqual(["other"]);
    await put(bob, "renamed", token);
    expect(await devicesOf(bob)).toEqual([{ device_id: "renamed", token, platform: "android" }]);
  });

  test("be one user's whoever registers the same token at the same moment", async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => newAccount()));
    const token = newToken();
    const answers = await Promise.all(people.map((who) => put(who, "phone", token)));
    expect(answers.map(({ status }) => status)).toEqual(people.map(() => 204));
    const owners = (await Promise.all(people.map(devicesOf))).filter(({ length }) => length > 0);
    expect(owners).toHaveLength(1);
  });

  test("go with the session that registered it: signed out, ended from elsewhere, or its time over", async () => {
    const ann = await newAccount();
    await put(ann, "phone", newToken());
    expect(await devicesOf(ann)).toHaveLength(1);
    const inAMonth = Date.now() + limits.refreshTokenMs;
    expect((await targetsOf(db, ann.user.id, inAMonth)).devices).toEqual([]);
    expect((await post("/auth/logout", undefined, as(ann))).status).toBe(204);
    expect(await devicesOf(ann)).toEqual([]);
  });

  test("go with the account", async () => {
    const ann = await newAccount();
    const device = await registration(ann);
    expect(await putDevice(db, device)).toBe(true);
    await closeAccount(db, ann.user.id, Date.now());
    const { rows } = await db.execute(`select 1 from push_devices where user_id = '${ann.user.id}'`);
    expect(rows).toEqual([]);
  });

  test("lose a token that is of no use, but not one that is somebody else's by now", async () => {
    const [ann, bob] = await Promise.all([newAccount("Ann"), newAccount("Bob")]);
    const token = newToken();
    await put(bob, "phone", token);
    await deleteToken(db, ann.user.id, token);
    expect(await devicesOf(bob)).toHaveLength(1);
    await deleteToken(db, bob.user.id, token);
    expect(await devicesOf(bob)).toEqual([]);
  });
});

describe("of too many push devices", () => {
  withLimits({ pushDevices: 2 });

  test("the one registered longest ago gives way", async () => {
    const ann = await newAccount();
    const now = Date.now();
    for (const [at, device_id] of ["c", "a", "b"].entries())
      await putDevice(db, await registration(ann, { device_id, now: now + at }));
    expect((await devicesOf(ann)).map(({ device_id }) => device_id)).toEqual(["a", "b"]);
  });
});

describe("a push device is refused", () => {
  test.each([
    [{ token: "", platform: "ios" }, "token"],
    [{ token: "with space", platform: "ios" }, "token"],
    [{ token: "x".repeat(4_097), platform: "ios" }, "token"],
    [{ token: "x", platform: "fridge" }, "platform"],
    [{ platform: "ios" }, "token"],
  ])("with %j", async (body, path) => {
    const { status, body: problem } = await call("PUT", "/users/me/devices/a", { ...as(await newAccount()), body });
    expect([status, problem.errors[0].path]).toEqual([422, path]);
  });

  test("under a name that is none, before anything is registered", async () => {
    const ann = await newAccount();
    for (const name of ["x".repeat(65), "a%20b", "%D0%B0"]) {
      const { status, body } = await put(ann, name, newToken());
      expect([status, body.errors[0].path]).toEqual([422, "device_id"]);
      expect((await take(ann, name)).status).toBe(422);
    }
    expect(await devicesOf(ann)).toEqual([]);
  });

  test("of who is not signed in, or was signed out just now; its token stays where it is", async () => {
    const [ann, bob] = await Promise.all([newAccount("Ann"), newAccount("Bob")]);
    expect((await call("PUT", "/users/me/devices/a", { body: {} })).status).toBe(401);
    const token = newToken();
    await put(bob, "phone", token);
    const late = await registration(ann, { token });
    await endSessions(db, ann.user.id, {}, Date.now());
    expect(await putDevice(db, late)).toBe(false);
    expect(await putDevice(db, { ...late, session_id: newId() })).toBe(false);
    expect(await devicesOf(bob)).toHaveLength(1);
    expect((await put(ann, "phone", token)).status).toBe(401);
  });
});
