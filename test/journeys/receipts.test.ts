import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let cem: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob, cem] = await people(at, "Ann", "Bob", "Cem");
});

/** Ann and Bob have two user sockets and a direct one; Bob has said two things, so all follow. Cem has none. */
async function stage() {
  const room = await group(ann, bob, cem);
  const open = async (person: Person) => ({
    hub: await Line.open(at, "/ws", person.token),
    other: await Line.open(at, "/ws", person.token),
    direct: await Line.open(at, `/conversations/${room.id}/ws`, person.token),
  });
  const [anns, bobs] = [await open(ann), await open(bob)];
  const ids: string[] = [];
  for (const content of ["one", "two"]) ids.push((await bobs.direct.ask({ type: "message", content })).id);
  for (const line of [...Object.values(anns), bobs.hub, bobs.other]) await line.next((frame) => frame.sequence === 2);
  let sequence = 2;
  /** All that each has heard since the last time: Cem's receipt comes after those that were owed before it. */
  const heard = async () => {
    sequence += 1;
    await bob.call("POST", `/conversations/${room.id}/messages`, { content: "and so on" });
    await cem.call("POST", `/conversations/${room.id}/read`, { sequence });
    const before = async (line: Line) => {
      const frames: Json[] = [];
      for (;;) {
        const frame = await line.next();
        if (frame.reader_id === cem.id) return frames;
        if (frame.type !== "message") frames.push(frame);
      }
    };
    return {
      anns: { hub: await before(anns.hub), other: await before(anns.other), direct: await before(anns.direct) },
      bobs: { hub: await before(bobs.hub), other: await before(bobs.other), direct: await before(bobs.direct) },
    };
  };
  return { room, ids, anns, bobs, heard, here: { conversation_id: room.id as string } };
}

const silence = { anns: { hub: [], other: [], direct: [] }, bobs: { hub: [], other: [], direct: [] } };

describe("mark_read", () => {
  test("answers the socket, tells all others who follow once, and the reader's other user sockets by inbox", async () => {
    const { ids, anns, heard, here } = await stage();
    const answer = await anns.hub.ask({ type: "mark_read", ...here, message_id: ids[0], ref: "m" });
    const place = { ...here, message_id: ids[0], sequence: 1 };
    const read = { type: "message_read", ...place, reader_id: ann.id, reader_name: "Ann" };
    const first = await heard();
    expect(answer).toEqual({ type: "mark_read_success", ...place, ref: "m" });
    expect(first.anns.hub).toEqual([]);
    const inbox = {
      type: "inbox",
      ...here,
      sequence: 2,
      unread: 1,
      me: expect.objectContaining({ read: 1, unread: 1 }),
    };
    expect(first.anns.other).toEqual(expect.arrayContaining([read, inbox]));
    expect(first.anns.other).toHaveLength(2);
    expect([first.anns.direct, first.bobs.hub, first.bobs.other, first.bobs.direct]).toEqual(Array(4).fill([read]));

    // Again, lower, or the same over another mouth: answered, told to nobody.
    expect(await anns.direct.ask({ type: "mark_read", sequence: 1 })).toEqual({ type: "mark_read_success", ...place });
    await ann.call("POST", `/conversations/${here.conversation_id}/read`, { sequence: 0 });
    const again = await heard();
    expect(again).toEqual(silence);
  });

  test("over REST tells every socket and gives where the reader is now", async () => {
    const { ids, heard, here, anns: lines } = await stage();
    const marked = await ann.call("POST", `/conversations/${here.conversation_id}/read`, { message_id: ids[1] });
    expect([marked.status, marked.body]).toEqual([200, { read: 2, unread: 0 }]);
    const { anns, bobs } = await heard();
    const read = [{ type: "message_read", sequence: 2, reader_id: ann.id }];
    for (const frames of [anns.hub, anns.other, anns.direct, bobs.hub, bobs.direct]) expect(frames).toMatchObject(read);
    for (const line of [lines.hub, lines.other]) {
      expect(await line.next()).toMatchObject({ type: "inbox", sequence: 3, unread: 1, me: { read: 2 } });
    }
  });

  test("of one's own message is announced, since sending announced nothing", async () => {
    const { room, anns, bobs, here } = await stage();
    const own = await anns.direct.ask({ type: "message", content: "three" });
    const me = (await ann.call("GET", `/conversations/${room.id}`)).body.me;
    expect(me).toMatchObject({ read: 3, delivered: 3, unread: 0 });
    anns.direct.send({ type: "mark_read", message_id: own.id });
    const read = await bobs.hub.next((frame) => frame.type !== "message");
    expect(read).toMatchObject({ type: "message_read", ...here, sequence: 3, reader_id: ann.id });
  });
});

describe("ack", () => {
  test("answers the socket and tells the others once, never the user's own sockets", async () => {
    const { ids, anns, heard, here } = await stage();
    const answer = await anns.hub.ask({ type: "ack", ...here, message_id: ids[1], ref: "a" });
    const ack = { type: "message_ack", message_id: ids[1], sequence: 2, status: "delivered" };
    const first = await heard();
    expect(answer).toEqual({ ...ack, ref: "a" });
    expect(first.anns).toEqual(silence.anns);
    const delivered = { type: "message_delivered", ...here, sequence: 2, user_id: ann.id };
    expect(first.bobs).toEqual({ hub: [delivered], other: [delivered], direct: [delivered] });
    expect(await anns.direct.ask({ type: "ack", sequence: 1 })).toMatchObject({ type: "message_ack", sequence: 1 });
    expect(await heard()).toEqual(silence);
  });

  test("is told to nobody for what was read before, and shows in subscribed", async () => {
    const { anns, heard, here } = await stage();
    await anns.hub.ask({ type: "mark_read", ...here, sequence: 2 });
    await heard();
    await anns.hub.ask({ type: "ack", ...here, sequence: 2 });
    expect(await heard()).toEqual(silence);
    const subscribed = await anns.direct.ask({ type: "subscribe", since: 4, ref: "s" });
    expect(subscribed).toMatchObject({ type: "subscribed", status: "live", unread: 2, ref: "s" });
    const marks = [
      { user_id: ann.id, delivered: 2, read: 2 },
      { user_id: bob.id, delivered: 4, read: 4 },
    ];
    expect(subscribed.watermarks).toEqual(expect.arrayContaining(marks));
    expect(subscribed.online.sort()).toEqual([ann.id, bob.id].sort());
  });
});

describe("receipts of who acknowledges much at once", () => {
  test("are few, and end with the newest; each ack is answered", async () => {
    const { anns, bobs, here } = await stage();
    for (let said = 2; said < 40; said++) bobs.direct.send({ type: "message", content: `number ${said}` });
    await anns.hub.next(({ sequence }) => sequence === 40);
    for (let sequence = 3; sequence <= 40; sequence++) anns.hub.send({ type: "ack", ...here, sequence });
    await anns.hub.next(({ type, sequence }) => type === "message_ack" && sequence === 40);
    const [hub, direct] = await Promise.all([bobs.hub, bobs.direct].map((line) => line.ofType("message_delivered")));
    expect(direct).toEqual(hub);
    if (hub.sequence < 40) expect(await bobs.hub.ofType("message_delivered")).toMatchObject({ sequence: 40 });
    const told = (line: Line) => line.frames.filter(({ type }) => type === "message_delivered");
    expect(told(bobs.hub).length).toBeLessThan(10);
    expect(anns.hub.frames.filter(({ type }) => type === "message_ack")).toHaveLength(38);
  });
});

describe("following", () => {
  test("ends with unsubscribe: receipts stop, events do not", async () => {
    const { room, anns, bobs, here } = await stage();
    bobs.hub.send({ type: "unsubscribe", ...here });
    expect(await bobs.hub.rest()).toEqual([]);
    await anns.direct.ask({ type: "mark_read", sequence: 1 });
    await bobs.other.ofType("message_read");
    await ann.call("POST", `/conversations/${room.id}/messages`, { content: "event" });
    expect(await bobs.hub.next()).toMatchObject({ type: "message", content: "event" });
  });

  test("begins with a bare subscribe, which answers nothing", async () => {
    const room = await group(ann, bob);
    const here = { conversation_id: room.id };
    await ann.call("POST", `/conversations/${room.id}/messages`, { content: "before" });
    const hub = await Line.open(at, "/ws", ann.token);
    hub.send({ type: "subscribe", ...here });
    expect(await hub.rest()).toEqual([]);
    const reads = await Line.open(at, `/conversations/${room.id}/ws`, bob.token);
    // Asked with `since`, the answer shows that the bare one before it was taken.
    expect(await hub.ask({ type: "subscribe", ...here, since: 1 })).toMatchObject({ type: "subscribed" });
    await reads.ask({ type: "mark_read", sequence: 1 });
    expect(await hub.next()).toMatchObject({ type: "message_read", reader_id: bob.id });
  });
});
