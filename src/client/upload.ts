/** Uploads: a ticket, the bytes to the address it signs, and the server's look at them. */
import { pause, throwIfAborted } from "./aborting.ts";
import type { Client, UploadOptions } from "./api.ts";
import { isRefusal, PingMeError } from "./error.ts";
import { put } from "./put.ts";
import type { Call } from "./rest.ts";
import type { Answer } from "./routes.ts";

type Ticket = Answer<"POST /media">;

const tries = 4;
const pauseMs = 500;

export function createUpload(call: Call, fetch: typeof globalThis.fetch): Client["upload"] {
  async function begin(file: Blob, { name, purpose, conversation_id, signal }: UploadOptions): Promise<Ticket> {
    const content_type = file.type.split(";", 1)[0]?.trim() || "application/octet-stream";
    const body = { content_type, size: file.size, name, purpose, conversation_id };
    return await call("POST /media", { body, signal });
  }

  async function send(file: Blob, { id, upload }: Ticket, options: UploadOptions): Promise<void> {
    const { signal } = options;
    try {
      await persist(signal, async () => {
        const status = await put(file, upload, { ...options, fetch });
        throwIfAborted(signal);
        if (status < 200 || status > 299) throw storeSaid(status);
      });
    } catch (error) {
      if (!isRefusal(error, 0)) throw error;
      // Where the store is out of reach (a firewall, a page's policy) the server may not be.
      await call("PUT /media/{id}/bytes", { path: { id }, body: file, signal });
    }
  }

  return async (file, options) => {
    const { signal } = options;
    for (let isSecond = false; ; isSecond = true) {
      const ticket = await persist(signal, () => begin(file, options));
      const one = { path: { id: ticket.id } };
      try {
        await send(file, ticket, options);
        return await persist(signal, () => call("POST /media/{id}/complete", { ...one, signal }));
      } catch (error) {
        // Not waited for: what is not used the server takes away in the end.
        void call("DELETE /media/{id}", one).catch(() => undefined);
        if (isSecond || !hasRunOut(error)) throw error;
      }
    }
  };
}

/** A signed address whose hour has passed, on a slow line or a laptop that slept: 403 in S3, 400 in R2. */
const hasRunOut = (error: unknown) => isRefusal(error, 403) || isRefusal(error, 400);

/** Tries again what broke on the way, and what was put off. */
async function persist<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth++) {
    try {
      return await run();
    } catch (error) {
      if (nth === tries || !(error instanceof PingMeError) || !mayPass(error)) throw error;
      await pause(error.retryAfterMs ?? pauseMs * 2 ** nth * Math.random(), signal);
    }
  }
}

const mayPass = ({ status }: PingMeError) => status === 0 || status === 429 || status >= 500;

function storeSaid(status: number): PingMeError {
  const code = status === 0 ? "OFFLINE" : "UNAVAILABLE";
  return new PingMeError(`The store answered ${status}`, { code, status, errors: [] });
}
