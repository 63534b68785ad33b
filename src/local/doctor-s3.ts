import { randomUUID } from "node:crypto";
import type { Config } from "../protocol/config.ts";
import { connectS3, encodeKey, placeOf, type Question, type S3 } from "../services/s3.ts";
import type { Look, Tell } from "./doctor-look.ts";

const contentType = "text/plain";
const body = "PingMe's doctor was here.";

/** All that PingMe does with a bucket, to one object that is gone afterwards. */
export function s3Look(config: Config): Look {
  return async (tell, signal) => {
    const place = placeOf(config);
    if (!place) return tell.hint("is not set up");
    const bucket = new Bucket(connectS3(place), signal);
    const key = `staging/doctor-${randomUUID()}`;
    const url = await bucket.upload(tell, key);
    if (url === undefined) return;
    try {
      await lookAtObject(bucket, { key, bucket: place.bucket }, tell);
      await lookAtStrangers(url, { key, config, signal }, tell);
      await lookAtPages(url, { config, signal }, tell);
    } finally {
      const gone = await bucket.ask({ method: "DELETE", key });
      if (gone.status >= 300) tell.wrong(`DELETE is refused with ${gone.status}: the key needs the right to delete`);
      await bucket.ask({ method: "DELETE", key: `${key}-copy` });
    }
  };
}

class Bucket {
  readonly #s3: S3;
  readonly #signal: AbortSignal;

  constructor(s3: S3, signal: AbortSignal) {
    this.#s3 = s3;
    this.#signal = signal;
  }

  async ask(question: Question): Promise<{ status: number; text: string; etag: string }> {
    const { url, init } = await this.#s3.sign(question);
    return await this.#fetch(url, init);
  }

  /** As a browser does it: by an address signed for just these bytes. @returns the address without its signature */
  async upload(tell: Tell, key: string): Promise<string | undefined> {
    const headers = { "content-type": contentType, "content-length": String(body.length) };
    const url = await this.#s3.presign({ method: "PUT", key, headers, expiresMs: 60_000, nowMs: Date.now() });
    const sent = await this.#fetch(url, { method: "PUT", headers: { "content-type": contentType }, body });
    if (sent.status === 200) return url;
    const word = /<Code>(\w+)<\/Code>/.exec(sent.text)?.[1] ?? "";
    tell.wrong(
      `PUT is refused with ${sent.status} ${word}: ${advice[word] ?? "look at S3_ENDPOINT, S3_REGION and the rights of the key"}`,
    );
    return undefined;
  }

  async #fetch(url: string, init: RequestInit): Promise<{ status: number; text: string; etag: string }> {
    const answer = await fetch(url, { ...init, signal: this.#signal });
    return { status: answer.status, text: await answer.text(), etag: answer.headers.get("ETag") ?? "" };
  }
}

const advice: Record<string, string> = {
  NoSuchBucket: "create the bucket, or correct S3_BUCKET",
  InvalidAccessKeyId: "correct S3_ACCESS_KEY_ID",
  SignatureDoesNotMatch: "correct S3_SECRET_ACCESS_KEY, or S3_REGION",
  AccessDenied: "the key needs the rights to read, write, delete and list in this bucket",
  RequestTimeTooSkewed: "set this machine's clock",
};

async function lookAtObject(
  bucket: Bucket,
  { key, bucket: name }: { key: string; bucket: string },
  tell: Tell,
): Promise<void> {
  const head = await bucket.ask({ method: "HEAD", key });
  const got = await bucket.ask({ method: "GET", key });
  if (head.status !== 200 || got.text !== body)
    tell.wrong(`HEAD and GET answer ${head.status} and ${got.status}: the key needs the right to read`);
  const listed = await bucket.ask({ method: "GET", query: { "list-type": "2", prefix: key } });
  if (!listed.text.includes(key)) tell.wrong(`listing answers ${listed.status}: the key needs the right to list`);
  const copy = (etag: string) =>
    bucket.ask({
      method: "PUT",
      key: `${key}-copy`,
      headers: { "x-amz-copy-source": `/${name}/${encodeKey(key)}`, "x-amz-copy-source-if-match": etag },
    });
  const [changed, copied] = [await copy('"0123456789abcdef0123456789abcdef"'), await copy(head.etag)];
  if (changed.status !== 412 || copied.status !== 200)
    tell.wrong(
      `copies with a condition answer ${changed.status} and ${copied.status}, not 412 and 200: another store is needed`,
    );
  else tell.fine("uploads, reads, copies, lists and deletes");
}

interface Around {
  config: Config;
  signal: AbortSignal;
}

async function lookAtStrangers(
  url: string,
  { key, config, signal }: Around & { key: string },
  tell: Tell,
): Promise<void> {
  const { origin, pathname } = new URL(url);
  const bare = await fetch(`${origin}${pathname}`, { signal });
  await bare.body?.cancel();
  if (bare.ok) tell.wrong("anybody can read the bucket: make it private, PingMe signs addresses for members");
  if (!config.S3_PUBLIC_URL) return;
  const shown = await fetch(`${config.S3_PUBLIC_URL.replace(/\/$/, "")}/${key}`, { signal });
  await shown.body?.cancel();
  if (shown.ok)
    tell.wrong(
      "S3_PUBLIC_URL shows the whole bucket, and only public/ may be seen: take it away, PingMe serves avatars itself",
    );
}

/** What a browser asks before the web client's upload. */
async function lookAtPages(url: string, { config, signal }: Around, tell: Tell): Promise<void> {
  const { origin } = new URL(config.PUBLIC_URL);
  const headers = {
    Origin: origin,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "content-type",
  };
  const allowed = await fetch(url, { method: "OPTIONS", headers, signal });
  await allowed.body?.cancel();
  const says = (name: string, wanted: string) => {
    const values = (allowed.headers.get(`Access-Control-Allow-${name}`) ?? "").toLowerCase().split(/, */);
    return values.includes(wanted.toLowerCase()) || values.includes("*");
  };
  if (allowed.ok && says("Origin", origin) && says("Methods", "PUT") && says("Headers", "content-type"))
    return tell.fine(`pages of ${origin} may upload`);
  tell.wrong(
    `pages of ${origin} may not upload: the bucket's CORS rules must allow PUT and GET from there, with content-type (README)`,
  );
}
