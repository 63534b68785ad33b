/** Bytes to an address: with news of how they get on where the platform has such. */

export interface Target {
  method: string;
  url: string;
  headers: Record<string, string>;
}

export interface PutOptions {
  fetch: typeof fetch;
  signal?: AbortSignal | undefined;
  onProgress?: ((sent: number, total: number) => void) | undefined;
}

/** @returns the answer's status; 0 where there was none, also after an abort */
export function put(file: Blob, target: Target, options: PutOptions): Promise<number> {
  return typeof XMLHttpRequest === "undefined" ? byFetch(file, target, options) : byRequest(file, target, options);
}

function byRequest(file: Blob, { method, url, headers }: Target, { signal, onProgress }: PutOptions): Promise<number> {
  const request = new XMLHttpRequest();
  const abort = () => request.abort();
  return new Promise((resolve) => {
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onProgress?.(loaded, file.size);
    request.onloadend = () => {
      signal?.removeEventListener("abort", abort);
      resolve(request.status);
    };
    signal?.addEventListener("abort", abort);
    request.send(file);
  });
}

async function byFetch(file: Blob, target: Target, { fetch, signal, onProgress }: PutOptions): Promise<number> {
  onProgress?.(0, file.size);
  const { url, ...request } = target;
  const answer = await fetch(url, { ...request, body: file, credentials: "omit", signal: signal ?? null }).catch(
    () => undefined, // the line, or the signal
  );
  await answer?.body?.cancel();
  if (answer?.ok) onProgress?.(file.size, file.size);
  return answer?.status ?? 0;
}
