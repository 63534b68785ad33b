import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";
import { until } from "../support/until.ts";

let at: Server;
beforeAll(async () => {
  at = await server();
});

async function pushes(token: string): Promise<Json[]> {
  const response = await fetch(`${at.fcmUrl}/api/pushes?token=${token}`);
  const found = (await response.json()) as { message: Json }[];
  return found.map(({ message }) => message);
}

const awaited = (token: string, count: number) =>
  until(`${count} pushes`, async () => {
    const found = await pushes(token);
    return found.length >= count ? found : undefined;
  });

/** Registers a device. @returns its token */
async function device(who: Person, name: string, platform: string, token: string = randomUUID()): Promise<string> {
  const answer = await who.call("PUT", `/users/me/devices/${name}`, { token, platform });
  expect(answer.status).toBe(204);
  return token;
}

const say = async (who: Person, { id }: Json, content: string) =>
  (await who.call("POST", `/conversations/${id}/messages`, { content })).body;

describe("somebody who has closed the app", () => {
  test("is notified on each device, once a conversation, and no longer of what they read on one of them", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const lunch = await group(ann, bob);
    const [phone, tablet] = [await device(bob, "phone", "android"), await device(bob, "tablet", "ios")];
    await say(ann, lunch, "hungry?");
    const [first] = await awaited(phone, 1);
    expect(first).toMatchObject({ notification: { title: "A group", body: "Ann: hungry?" }, data: { badge: "1" } });
    await awaited(tablet, 1);

    const said = await say(ann, lunch, "now?");
    const [, second] = await awaited(phone, 2);
    expect(second).toMatchObject({ android: { notification: { tag: lunch.id } }, data: { unread: "2" } });
    await awaited(tablet, 2);

    await bob.call("POST", `/conversations/${lunch.id}/read`, { sequence: said.sequence });
    for (const token of [phone, tablet]) {
      const [, , silent] = await awaited(token, 3);
      expect(silent).toMatchObject({ data: { type: "clear", conversation_id: lunch.id, badge: "0" } });
    }
  });

  test("is not notified while a device is looked at, and is as soon as it lies in the pocket", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const lunch = await group(ann, bob);
    const phone = await device(bob, "phone", "android");
    const line = await Line.open(at, "/ws", bob.token);
    await say(ann, lunch, "seen");
    await line.ofType("message");
    line.send({ type: "client_state", state: "background" });
    await line.rest();
    await say(ann, lunch, "unseen");
    const [push] = await awaited(phone, 1);
    expect(push.notification.body).toBe("Ann: unseen");
    line.close();
  });

  test("is not notified on a phone somebody else has signed in on since, nor after they signed out", async () => {
    const [ann, bob, cem] = await people(at, "Ann", "Bob", "Cem");
    const [bobs, cems] = [await group(ann, bob), await group(ann, cem)];
    const shared = await device(bob, "phone", "web");
    await device(cem, "my-phone", "web", shared);
    const own = await device(bob, "laptop", "web");
    await say(ann, bobs, "for Bob");
    await awaited(own, 1);
    await say(ann, cems, "for Cem");
    const [push] = await awaited(shared, 1);
    expect(push.notification.body).toBe("Ann: for Cem");
    const watch = await device(cem, "watch", "web");
    expect((await cem.call("DELETE", "/users/me/devices/my-phone")).status).toBe(204);
    await say(ann, cems, "again");
    await awaited(watch, 1);
    expect(await pushes(shared)).toHaveLength(1);
    await bob.call("POST", "/auth/logout");
    expect((await bob.call("PUT", "/users/me/devices/laptop", { token: own, platform: "web" })).status).toBe(401);
  });

  test("hears on a second device though the first one's token is of no use any more", async () => {
    const [ann, bob] = await people(at, "Ann", "Bob");
    const lunch = await group(ann, bob);
    const [gone, phone] = [await device(bob, "old", "android"), await device(bob, "phone", "android")];
    const manners = { method: "PUT", body: JSON.stringify({ as: "unregistered" }) };
    expect((await fetch(`${at.fcmUrl}/api/tokens/${gone}`, manners)).status).toBe(200);
    await say(ann, lunch, "hello");
    await awaited(phone, 1);
    expect(await pushes(gone)).toEqual([]);
  });
});
