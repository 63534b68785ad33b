/** Bytes of media in an S3-compatible store: Cloudflare R2, Yandex Object Storage, MinIO, the embedded one. */
import { limits } from "../protocol/limits.ts";
import { type BlobPage, readPage } from "./blob-page.ts";
import { upload } from "./blob-upload.ts";
import {
  checked,
  connectS3,
  encodeKey,
  placeOf,
  type Question,
  reached,
  type S3,
  type S3Config,
  s3Away,
} from "./s3.ts";

interface Validity {
  /** A week at most. */
  expiresMs: number;
  nowMs: number;
}

/** Where and how a client uploads: just these bytes in number, of this type. */
export interface Upload {
  method: "PUT";
  url: string;
  /** To be sent as they are. The length is bound, too; a browser sets it by itself. */
  headers: { "content-type": string };
}

export interface BlobHead {
  size: number;
  content_type: string;
  /** Another one: other bytes. As the header has it. */
  etag: string;
}

/** What is told to whoever downloads. Values of headers: a name in `disposition` is encoded (RFC 8187). */
export interface Labels {
  contentType: string;
  disposition: string;
  cacheControl?: string;
}

/** Every method throws Fault UNAVAILABLE where the store is away. A key that is not there is a value. */
export interface Blobs {
  presignPut(key: string, upload: { contentType: string; size: number } & Validity): Promise<Upload>;
  /** The embedded store ignores `disposition` and `contentType`: there, those of {@link Blobs.copy} count. */
  presignGet(key: string, permit: { disposition?: string; contentType?: string } & Validity): Promise<string>;
  head(key: string): Promise<BlobHead | undefined>;
  /** The beginning, or all there is; undefined where it is not there, or not with this `etag`. */
  read(key: string, part: { first: number; etag?: string }): Promise<Uint8Array | undefined>;
  /** Within the store, under other labels. @returns false where `from` is not there, or not with this `etag` */
  copy(from: string, to: string, labels: Labels & { etag?: string }): Promise<boolean>;
  /** @throws Fault INVALID_MESSAGE where the stream is not of `size` bytes */
  put(key: string, stream: ReadableStream<Uint8Array>, is: { contentType: string; size: number }): Promise<void>;
  /** As S3 answers it: 200, 206 for a `range` (a header's value), 416 for one beyond the end. Read it, or cancel it. */
  get(key: string, part?: { range?: string | undefined }): Promise<Response | undefined>;
  delete(key: string): Promise<void>;
  /** In the order of the keys, from beyond `after`. */
  list(prefix: string, after?: string, most?: number): Promise<BlobPage>;
  ping(): Promise<void>;
}

/** @returns undefined where S3 is not set up */
export function connectBlobs(config: S3Config): Blobs | undefined {
  const place = placeOf(config);
  return place && blobsIn(connectS3(place), place.bucket);
}

type Ask = ReturnType<typeof asker>;

/** A question, its answer, and what is made of that, all within the time. @throws Fault UNAVAILABLE */
function asker(s3: S3) {
  return async function ask<T>(
    question: Question & { values?: number[]; withinMs?: number },
    read: (answer: Response) => Promise<T>,
  ): Promise<T> {
    const { values = [], withinMs = limits.blobTimeoutMs, ...asked } = question;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), withinMs);
    try {
      const { url, init } = await s3.sign(asked);
      const answer = await reached(asked.method, fetch(url, { ...init, signal: late.signal }));
      return await reached(asked.method, read(await checked(asked.method, answer, values)));
    } finally {
      clearTimeout(timer);
    }
  };
}

function blobsIn(s3: S3, bucket: string): Blobs {
  const ask = asker(s3);
  return {
    async presignPut(key, { contentType, size, expiresMs, nowMs }) {
      const headers = { "content-type": contentType, "content-length": String(size) };
      const url = await s3.presign({ method: "PUT", key, headers, expiresMs, nowMs });
      return { method: "PUT", url, headers: { "content-type": contentType } };
    },

    async presignGet(key, { disposition, contentType, expiresMs, nowMs }) {
      const query = {
        ...(disposition !== undefined && { "response-content-disposition": disposition }),
        ...(contentType !== undefined && { "response-content-type": contentType }),
      };
      return await s3.presign({ method: "GET", key, query, expiresMs, nowMs });
    },

    head: (key) => ask({ method: "HEAD", key, values: [404] }, readHead),

    read: (key, { first, etag }) => {
      const headers = { Range: `bytes=0-${first - 1}`, ...(etag !== undefined && { "If-Match": etag }) };
      // 416: not a byte is there.
      return ask({ method: "GET", key, headers, values: [404, 412, 416] }, (answer) => readFirst(answer, first));
    },

    copy: (from, to, labels) => copyWithin(ask, bucket, { from, to, labels }),

    put: (key, stream, { contentType, size }) =>
      upload(s3, { method: "PUT", key, headers: { "Content-Type": contentType } }, { stream, size }),

    get: (key, { range } = {}) =>
      ask(
        { method: "GET", key, values: [404, 416], ...(range !== undefined && { headers: { Range: range } }) },
        async (answer) => (answer.status === 404 ? await cancelled(answer) : answer),
      ),

    delete: (key) => ask({ method: "DELETE", key, values: [404] }, cancelled),

    list: (prefix, after, most = limits.blobsListed) => listFrom(ask, { prefix, after, most }),

    ping: () => ask({ method: "HEAD" }, cancelled),
  };
}

async function cancelled(answer: Response): Promise<undefined> {
  await answer.body?.cancel();
}

async function readHead(answer: Response): Promise<BlobHead | undefined> {
  if (answer.status === 404) return undefined;
  const size = answer.headers.get("Content-Length");
  if (size === null) throw s3Away("HEAD", "no length");
  const { headers } = answer;
  const content_type = headers.get("Content-Type") ?? "application/octet-stream";
  return { size: Number(size), content_type, etag: headers.get("ETag") ?? "" };
}

/** No more than asked for, also of a store that gives the whole. */
async function readFirst(answer: Response, first: number): Promise<Uint8Array | undefined> {
  if (!answer.ok) {
    await cancelled(answer);
    return answer.status === 416 ? new Uint8Array() : undefined;
  }
  const bytes = new Uint8Array(first);
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    const part = chunk.subarray(0, first - length);
    bytes.set(part, length);
    length += part.length;
    if (length === first) break;
  }
  return bytes.subarray(0, length);
}

async function copyWithin(
  ask: Ask,
  bucket: string,
  { from, to, labels }: { from: string; to: string; labels: Labels & { etag?: string } },
): Promise<boolean> {
  const { contentType, disposition, cacheControl, etag } = labels;
  const headers = {
    "x-amz-copy-source": `/${bucket}/${encodeKey(from)}`,
    "x-amz-metadata-directive": "REPLACE",
    "Content-Type": contentType,
    "Content-Disposition": disposition,
    ...(cacheControl !== undefined && { "Cache-Control": cacheControl }),
    ...(etag !== undefined && { "x-amz-copy-source-if-match": etag }),
  };
  const question = { method: "PUT", key: to, headers, withinMs: limits.blobCopyTimeoutMs } as const;
  return await ask({ ...question, values: [404, 412] }, async (answer) => {
    // A copy that fails after it has begun fails within a 200.
    if ((await answer.text()).includes("<Error>") && answer.ok) throw s3Away("PUT", "copy");
    return answer.ok;
  });
}

async function listFrom(
  ask: Ask,
  { prefix, after, most }: { prefix: string; after: string | undefined; most: number },
): Promise<BlobPage> {
  const query = {
    "list-type": "2",
    "encoding-type": "url",
    "max-keys": String(most),
    prefix,
    ...(after !== undefined && { "start-after": after }),
  };
  return await ask({ method: "GET", query }, async (answer) => {
    const page = readPage(await answer.text());
    if (!page) throw s3Away("GET", "no list");
    return page;
  });
}
