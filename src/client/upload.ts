/** Uploads: a ticket, the bytes to the address it signs, and the server's look at them. */
import { pause, throwIfAborted } from "./aborting.ts";
import type { Client } from "./api.ts";
import { isRefusal, PingMeError } from "./error.ts";
import { put } from "./put.ts";
import type { Call } from "./rest.ts";

const tries = 4;
const pauseMs = 500;

export function createUpload(call: Call, fetch: typeof globalThis.fetch): Client["upload"] {
  return async (file, { purpose, name, conversation_id, signal, onProgress }) => {
    const content_type = file.type.replace(/\s*;.*/, "") || "application/octet-stream";
    const body = { content_type, size: file.size, name, purpose, conversation_id };
    for (let isSecond = false; ; isSecond = true) {
      const { id, upload } = await persist(() => call("POST /media", { body, signal }), signal);
      const path = { id };
      try {
        await persist(async () => storeSaid(await put(file, upload, { fetch, signal, onProgress }), signal), signal);
        return await persist(() => call("POST /media/{id}/complete", { path, signal }), signal);
      } catch (error) {
        // Not waited for: what is not used the server takes away in the end.
        void call("DELETE /media/{id}", { path }).catch(() => undefined);
        // A signed address whose hour has passed, on a slow line or a laptop that slept: 403 in S3, 400 in R2.
        if (isSecond || !isRefusal(error, 400, 403)) throw error;
      }
    }
  };
}

/** Tries again what broke on the way, and what was put off. */
async function persist<T>(run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let nth = 1; ; nth++) {
    try {
      return await run();
    } catch (error) {
      if (nth === tries || !isRefusal(error, 0, 429, 500, 502, 503, 504)) throw error;
      await pause(error.retryAfterMs ?? pauseMs * 2 ** nth * Math.random(), signal);
    }
  }
}

/** @throws what is no success */
function storeSaid(status: number, signal: AbortSignal | undefined): void {
  throwIfAborted(signal);
  if (status < 200 || status > 299)
    throw new PingMeError(`Store: ${status}`, { code: status ? "UNAVAILABLE" : "OFFLINE", status });
}
