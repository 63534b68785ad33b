import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { group, type Json, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
});

/** The three mouths of one person in a room: each says a body and gives the answer. */
async function mouths(person: Person, room: Json) {
  const direct = await Line.open(at, `/conversations/${room.id}/ws`, person.token);
  const hub = await Line.open(at, "/ws", person.token);
  const frame = { type: "message", conversation_id: room.id };
  return {
    direct: (body: object): Promise<Json> => direct.ask({ ...frame, ...body }),
    hub: (body: object): Promise<Json> => hub.ask({ ...frame, ...body }),
    rest: async (body: object): Promise<Json> =>
      (await person.call("POST", `/conversations/${room.id}/messages`, body)).body,
  };
}

const plain = ({ type: _type, ref: _ref, ...message }: Json): Json => message;

describe("a message said again under its id", () => {
  test("is said once, whatever mouth repeats it, and only the repeater hears it again", async () => {
    for (const first of ["direct", "hub", "rest"] as const) {
      const room = await group(ann, bob);
      const witness = await Line.open(at, `/conversations/${room.id}/ws`, bob.token);
      const say = await mouths(ann, room);
      const body = { id: randomUUID(), content: `first by ${first}`, mentions: [bob.id] };
      const said = plain(await say[first](body));
      expect(said).toMatchObject({ ...body, sequence: 1, sender_id: ann.id });
      expect((await witness.ofType("message")).sequence).toBe(1);
      // Each of these has heard the first one or hears nothing, so that its next frame is its own answer.
      for (const mouth of ["rest", "direct", "hub"] as const) {
        expect(plain(await say[mouth]({ ...body, ref: "again" })), `${first}, then ${mouth}`).toEqual(said);
      }
      expect(plain(await say.rest({ ...body, id: body.id.toUpperCase() }))).toEqual(said);
      expect(await witness.rest()).toEqual([]);
      expect((await ann.call("GET", `/conversations/${room.id}`)).body.sequence).toBe(1);
    }
  });

  test("with another body, or by another person, is a CONFLICT that changes nothing", async () => {
    const room = await group(ann, bob);
    const [anns, bobs] = [await mouths(ann, room), await mouths(bob, room)];
    const body = { id: randomUUID(), content: "mine" };
    await anns.rest(body);
    for (const mouth of ["direct", "hub", "rest"] as const) {
      for (const other of [{ content: "else" }, { mentions: [bob.id] }]) {
        expect(await anns[mouth]({ ...body, ...other })).toMatchObject({ code: "CONFLICT" });
      }
      expect(await bobs[mouth](body)).toMatchObject({ code: "CONFLICT" });
    }
    const history = await bob.call("GET", `/conversations/${room.id}/messages`);
    expect(history.body.items.map((message: Json) => message.content)).toEqual(["mine"]);
  });

  test("is two messages in two conversations", async () => {
    const rooms = [await group(ann, bob), await group(ann, bob)];
    const id = randomUUID();
    for (const room of rooms) {
      const sent = await ann.call("POST", `/conversations/${room.id}/messages`, { id, content: room.id });
      expect([sent.status, sent.body.sequence]).toEqual([201, 1]);
    }
    for (const room of rooms) {
      const got = await bob.call("GET", `/conversations/${room.id}/messages/${id}`);
      expect(got.body).toMatchObject({ id, content: room.id, conversation_id: room.id });
    }
  });

  test("at the same moment by every mouth is still one", async () => {
    const room = await group(ann, bob);
    const say = await mouths(ann, room);
    const body = { id: randomUUID(), content: "at once" };
    const answers = await Promise.all([say.rest(body), say.direct(body), say.hub(body), say.rest(body)]);
    for (const answer of answers) expect(plain(answer)).toMatchObject({ ...body, sequence: 1 });
    expect((await ann.call("GET", `/conversations/${room.id}`)).body.sequence).toBe(1);
  });

  test("with one id raced by two people is one's message and the other's CONFLICT", async () => {
    const room = await group(ann, bob);
    const [anns, bobs] = [await mouths(ann, room), await mouths(bob, room)];
    const id = randomUUID();
    const answers = await Promise.all([anns.rest({ id, content: "x" }), bobs.rest({ id, content: "x" })]);
    expect(answers.map((answer) => answer.code ?? answer.sequence).sort()).toEqual([1, "CONFLICT"]);
  });
});
