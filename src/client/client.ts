/** The SDK's entry, published as `pingme/client`. */
import type { Client, ClientOptions } from "./api.ts";
import { createEngine } from "./engine.ts";
import { createMedia } from "./media.ts";
import { createCall } from "./rest.ts";
import { createSession, type OwnSession } from "./session.ts";
import { defaultOutbox } from "./stores.ts";
import { createUpload } from "./upload.ts";

export type * from "./api.ts";
export { PingMeError } from "./error.ts";
export type { Observable } from "./observable.ts";
export type { Answer, Input, Page, Route } from "./routes.ts";
export { indexedDbOutbox, localKeys, memoryKeys, memoryOutbox } from "./stores.ts";

export function createClient(options: ClientOptions): Client {
  const url = options.url.replace(/\/+$/, "");
  const { session: kept, outbox = defaultOutbox() } = options;
  // Called as a function of its own: a browser's refuses any other `this`.
  const fetch: typeof globalThis.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const call = createCall({
    ...{ url, fetch, isCookie: kept === "cookie" },
    accessToken: (refused) => session.accessToken(refused),
  });
  const session: OwnSession = createSession({ url, call, session: kept });
  const upload = createUpload(call, fetch);
  const WebSocket = options.WebSocket ?? globalThis.WebSocket;
  const engine = createEngine({ url, WebSocket, store: outbox, call, upload, session });
  return {
    ...engine,
    call,
    session,
    upload,
    ...createMedia({ url, call }),
  };
}
