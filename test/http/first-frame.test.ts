import { expect, test } from "vitest";
import { awaitFirstFrame } from "../../src/http/first-frame.ts";
import { signedIn, until } from "../support/room.ts";

test("a client that goes while its object is being opened leaves no socket open there", async () => {
  const { 0: client, 1: server } = new WebSocketPair();
  const { 0: opened, 1: held } = new WebSocketPair();
  held.accept();
  let code: number | undefined;
  held.addEventListener("close", (event) => {
    code = event.code;
    held.close(1000);
  });
  const opening = Promise.withResolvers<void>();
  let isAsked = false;
  awaitFirstFrame(server, {
    isBatch: false,
    verify: async () => signedIn("a user", "Ann"),
    open: async () => {
      isAsked = true;
      await opening.promise;
      return opened;
    },
    count: async () => undefined,
  });
  client.accept();
  client.send(JSON.stringify({ type: "auth", token: "x" }));
  await until("the object to be asked for", () => isAsked || undefined);
  client.close(1000);
  await until("the end of the client's socket", () => server.readyState !== WebSocket.OPEN || undefined);
  opening.resolve();
  expect(await until("the end of the object's", () => code)).toBe(4000);
});
