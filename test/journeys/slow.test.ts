/** Readers that fall behind: they are let go, and miss nothing. */
import { beforeAll, describe, expect, test } from "vitest";
import { group, Line, type Person, people } from "../support/client.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;
let cem: Person;

beforeAll(async () => {
  at = await server();
  [ann, bob, cem] = await people(at, "Ann", "Bob", "Cem");
});

const each = 40; // messages of Ann and of Bob: within what one may say a minute
const long = "🌍".repeat(4_000); // 16,000 bytes: 70 of them are more than 1 MiB

describe("a reader that has acknowledged once, and then nothing of more than 1 MiB", () => {
  test.each(["user", "conversation"])(
    "is closed with 4413 on the %s socket, and resumes with all of it",
    async (mouth) => {
      const room = await group(ann, bob, cem);
      const here = { conversation_id: room.id };
      const open = () => Line.open(at, mouth === "user" ? "/ws" : `/conversations/${room.id}/ws`, cem.token);
      const [slow, plain] = [await open(), await open()];
      const speakers = await Promise.all(
        [ann, bob].map(({ token }) => Line.open(at, `/conversations/${room.id}/ws`, token)),
      );
      speakers[0]?.send({ type: "message", content: "first" });
      await slow.next(({ sequence }) => sequence === 1);
      await slow.ask({ type: "ack", ...here, sequence: 1 });
      for (const line of speakers)
        for (let said = 0; said < each; said++) line.send({ type: "message", content: long });
      expect(await slow.ended(15_000)).toEqual({ code: 4413, reason: "Reader too slow" });
      await plain.next(({ sequence }) => sequence === 1 + 2 * each, 15_000);
      expect(plain.closed).toBeUndefined();

      const again = await open();
      again.send({ type: "subscribe", ...here, since: 1 });
      const heard: number[] = [];
      while (heard.length < 2 * each) {
        const frame = await again.next(undefined, 15_000);
        if (frame.type === "message") heard.push(frame.sequence);
      }
      expect(heard).toEqual(Array.from({ length: 2 * each }, (_, index) => index + 2));
    },
    60_000,
  );
});
