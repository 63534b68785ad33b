/** The role table of the contract: every action, by everybody there is to a group or a dialog, over REST and sockets. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, group, type Json, knock, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let cast: Record<Who, Person>;
let target: Person;

const everybody = ["owner", "admin", "member", "left", "removed", "stranger"] as const;
type Who = (typeof everybody)[number];

beforeAll(async () => {
  at = await server();
  const [owner, admin, member, left, removed, stranger, seventh] = await people(at, ...everybody, "target");
  cast = { owner, admin, member, left, removed, stranger };
  target = seventh;
});

/** A group in which each of the cast is what their name says; the target is a member. */
async function stage(): Promise<Json> {
  const { owner, admin, member, left, removed } = cast;
  const room = await group(owner, admin, member, left, removed, target);
  const path = `/conversations/${room.id}`;
  await owner.call("PATCH", `${path}/members/${admin.id}`, { role: "ADMIN" });
  await left.call("POST", `${path}/leave`);
  await owner.call("DELETE", `${path}/members/${removed.id}`);
  return room;
}

type Act = (who: Person, path: string) => Promise<Answer>;

const call =
  (method: string, suffix: string | (() => string), body?: () => unknown): Act =>
  (who, path) =>
    who.call(method, `${path}${typeof suffix === "string" ? suffix : suffix()}`, body?.());

async function onAdmin(path: string): Promise<void> {
  await cast.owner.call("PATCH", `${path}/members/${target.id}`, { role: "ADMIN" });
}

/** A message of the owner's, the first of the conversation's. */
async function saidIn(path: string): Promise<string> {
  const id = `${path.split("/").at(-1)?.slice(0, -4)}5a1d`;
  await cast.owner.call("POST", `${path}/messages`, { id, content: "hello" });
  return id;
}

interface Row {
  act: Act;
  /** Done by the owner before. */
  first?: (path: string) => Promise<unknown>;
  /** Statuses for the cast in its order. */
  inGroup: number[];
  /** For one of the two, and for a stranger. */
  inDialog: [number, number];
}

const someInvite: Act = async (who, path) => {
  const { body } = await cast.owner.call("GET", `${path}/invites`);
  return await who.call("DELETE", `${path}/invites/${body.items?.[0]?.id ?? target.id}`);
};

const table: Record<string, Row> = {
  "look at it": { act: call("GET", ""), inGroup: [200, 200, 200, 404, 404, 404], inDialog: [200, 404] },
  "read its history": { act: call("GET", "/messages"), inGroup: [200, 200, 200, 404, 404, 404], inDialog: [200, 404] },
  "see its members": { act: call("GET", "/members"), inGroup: [200, 200, 200, 404, 404, 404], inDialog: [200, 404] },
  "say something": {
    act: call("POST", "/messages", () => ({ content: "hi" })),
    inGroup: [201, 201, 201, 404, 404, 404],
    inDialog: [201, 404],
  },
  "forward from it": {
    first: saidIn,
    act: async (who, path) => {
      const { id } = await group(who);
      return await who.call("POST", `${path}/messages/${await saidIn(path)}/forward`, { conversation_id: id });
    },
    inGroup: [201, 201, 201, 404, 404, 404],
    inDialog: [201, 404],
  },
  "forward to it": {
    act: async (who, path) => {
      const { id } = await group(who);
      const { body } = await who.call("POST", `/conversations/${id}/messages`, { content: "elsewhere" });
      const conversation_id = path.split("/").at(-1);
      return await who.call("POST", `/conversations/${id}/messages/${body.id}/forward`, { conversation_id });
    },
    inGroup: [201, 201, 201, 404, 404, 404],
    inDialog: [201, 404],
  },
  react: {
    first: saidIn,
    act: async (who, path) => await who.call("PUT", `${path}/messages/${await saidIn(path)}/reactions/👍`),
    inGroup: [200, 200, 200, 404, 404, 404],
    inDialog: [200, 404],
  },
  "see what is pinned": { act: call("GET", "/pins"), inGroup: [200, 200, 200, 404, 404, 404], inDialog: [200, 404] },
  "mark it as read": {
    act: call("POST", "/read", () => ({ sequence: 0 })),
    inGroup: [200, 200, 200, 404, 404, 404],
    inDialog: [200, 404],
  },
  "change its title": {
    act: call("PATCH", "", () => ({ title: "Else" })),
    inGroup: [200, 200, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "make it public": {
    act: call("PATCH", "", () => ({ public: true })),
    inGroup: [200, 200, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "add somebody": {
    act: call("POST", "/members", () => ({ user_ids: [cast.stranger.id] })),
    inGroup: [200, 200, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "remove a member": {
    act: call("DELETE", () => `/members/${target.id}`),
    inGroup: [204, 204, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "remove an admin": {
    first: onAdmin,
    act: call("DELETE", () => `/members/${target.id}`),
    inGroup: [204, 403, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "remove the owner": {
    act: call("DELETE", () => `/members/${cast.owner.id}`),
    inGroup: [403, 403, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "make an admin": {
    act: call(
      "PATCH",
      () => `/members/${target.id}`,
      () => ({ role: "ADMIN" }),
    ),
    inGroup: [200, 403, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "make an admin a member": {
    first: onAdmin,
    act: call(
      "PATCH",
      () => `/members/${target.id}`,
      () => ({ role: "MEMBER" }),
    ),
    inGroup: [200, 403, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "hand it over": {
    act: call("POST", "/transfer", () => ({ user_id: target.id })),
    inGroup: [200, 403, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  invite: { act: call("POST", "/invites"), inGroup: [201, 201, 403, 404, 404, 404], inDialog: [403, 404] },
  "see its invites": { act: call("GET", "/invites"), inGroup: [200, 200, 403, 404, 404, 404], inDialog: [403, 404] },
  "end an invite": {
    first: (path) => cast.owner.call("POST", `${path}/invites`),
    act: someInvite,
    inGroup: [204, 204, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "mute it": {
    act: call("PATCH", "/me", () => ({ muted_until: "2030-01-01T00:00:00.000Z" })),
    inGroup: [200, 200, 200, 404, 404, 404],
    inDialog: [200, 404],
  },
  "leave it": { act: call("POST", "/leave"), inGroup: [409, 204, 204, 404, 404, 404], inDialog: [204, 404] },
  "delete it": { act: call("DELETE", ""), inGroup: [204, 403, 403, 404, 404, 404], inDialog: [204, 404] },
  "restore it, though it is there": {
    act: call("POST", "/restore"),
    inGroup: [200, 403, 403, 404, 404, 404],
    inDialog: [403, 404],
  },
  "restore it when it is deleted": {
    first: (path) => cast.owner.call("DELETE", path),
    act: call("POST", "/restore"),
    inGroup: [200, 404, 404, 404, 404, 404],
    inDialog: [403, 404],
  },
  "join it, private": { act: call("POST", "/join"), inGroup: [200, 200, 200, 404, 404, 404], inDialog: [200, 404] },
  "join it, public": {
    first: (path) => cast.owner.call("PATCH", path, { public: true }),
    act: call("POST", "/join"),
    inGroup: [200, 200, 200, 200, 403, 200],
    inDialog: [200, 404],
  },
};

const codes: Record<number, string> = { 403: "PERMISSION_DENIED", 404: "CONVERSATION_NOT_FOUND", 409: "CONFLICT" };

describe.each(Object.entries(table))("who may %s", (_what, { first, act, inGroup, inDialog }) => {
  test("in a group: owner, admin, member, who has left, who was removed, a stranger", async () => {
    let room = await stage();
    await first?.(`/conversations/${room.id}`);
    for (const [index, who] of everybody.entries()) {
      const path = `/conversations/${room.id}`;
      const sequence = async () => (await cast.owner.call("GET", path)).body.sequence;
      const earlier = await sequence();
      const answer = await act(cast[who], path);
      expect([who, answer.status, answer.status < 300 ? undefined : answer.body.code]).toEqual([
        who,
        inGroup[index],
        codes[inGroup[index] ?? 0],
      ]);
      if (answer.status >= 400) expect(await sequence()).toBe(earlier);
      else if (index < everybody.length - 1) {
        room = await stage();
        await first?.(`/conversations/${room.id}`);
      }
    }
  });

  test("in a dialog: one of the two, a stranger", async () => {
    const { owner, member, stranger } = cast;
    const { body } = await owner.call("POST", "/conversations", { participant_ids: [member.id] });
    const path = `/conversations/${body.id}`;
    const answers = [await act(member, path), await act(stranger, path)];
    expect(answers.map(({ status }) => status)).toEqual(inDialog);
    expect((await owner.call("GET", path)).body).toMatchObject({ kind: "dialog", member_count: 2, title: null });
  });
});

describe("over sockets", () => {
  test("members are answered, everybody else finds nothing, by each frame and by the upgrade", async () => {
    const room = await stage();
    const { id: conversation_id } = room;
    const frames = [
      { type: "message", conversation_id, content: "hi" },
      { type: "mark_read", conversation_id, sequence: 0 },
      { type: "ack", conversation_id, sequence: 0 },
      { type: "sync", conversation_id, since: 0 },
      { type: "subscribe", conversation_id, since: 100 },
    ];
    for (const who of everybody) {
      const isIn = ["owner", "admin", "member"].includes(who);
      const line = await Line.open(at, "/ws", cast[who].token);
      const heard: string[] = [];
      for (const frame of frames) {
        line.send(frame);
        const isAnswer = (one: Json) => one.type !== "inbox" && !("content" in one && frame.type !== "message");
        const answer = await line.next((one) => isAnswer(one) && !one.type.startsWith("member_"));
        heard.push(answer.code ?? answer.type);
      }
      const answered = ["message", "mark_read_success", "message_ack", "synced", "subscribed"];
      const refused = [...Array(4).fill("CONVERSATION_NOT_FOUND"), "PERMISSION_DENIED"];
      expect([who, heard]).toEqual([who, isIn ? answered : refused]);
      const { status, connection } = await knock(at, `/conversations/${conversation_id}/ws`, cast[who].token);
      expect([who, status]).toEqual([who, isIn ? 101 : 404]);
      connection?.close();
      line.close();
    }
  });
});
