/** Clients of the SDK, for people that a test has made. */
import { expect } from "vitest";
import type { Client, ClientOptions } from "../../src/client/api.ts";
import { createClient } from "../../src/client/client.ts";
import { memoryKeys } from "../../src/client/stores.ts";
import type { Person } from "./client.ts";
import type { Server } from "./server.ts";

const open = new Set<Client>();

/** Signed in, with a session of their own that was begun before. */
export async function clientOf({ url }: Server, who: Person, options: Partial<ClientOptions> = {}): Promise<Client> {
  const keys = memoryKeys();
  const client = createClient({ url, session: keys, ...options });
  await keys.set(`pingme.refresh.${url.replace(/[^\w.-]+/g, "_")}`, who.refreshToken);
  await client.session.restore();
  open.add(client);
  return client;
}

/** Ends the sockets of all clients. */
export function closeClients(): void {
  for (const client of open) client.disconnect();
  open.clear();
}

export const saidIn = (client: Client, id: string) =>
  client.conversation(id).state.value.messages.map(({ content }) => content);

/** A kind of WebSocket that goes another way, and can be cut, and deafened. */
export function breakable(url: string) {
  const sockets = new Set<WebSocket>();
  let isCut = false;
  let isDeaf = false;
  let says = (text: string) => text;
  class Breakable extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      const { pathname, search } = new URL(address);
      super(isCut ? "ws://127.0.0.1:9" : `${url.replace("http", "ws")}${pathname}${search}`, protocols);
      sockets.add(this);
      this.addEventListener("message", (event) => isDeaf && event.stopImmediatePropagation());
    }

    override send(text: string): void {
      super.send(says(text));
    }
  }
  return {
    WebSocket: Breakable,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.close();
      sockets.clear();
    },
    mend() {
      isCut = false;
    },
    /** What is sent goes out as another text. */
    alter(change: (text: string) => string) {
      says = change;
    },
    /** Nothing comes any more. */
    deafen() {
      isDeaf = true;
    },
  };
}

/** The conversation, open and live. */
export async function opened(client: Client, id: string, options: { around?: number } = {}) {
  client.connect();
  const room = client.conversation(id);
  room.open(options);
  await expect.poll(() => room.state.value.status, { timeout: 10_000 }).toBe("live");
  return room;
}
