/** How an S3-compatible store is reached: addresses, signatures (AWS Signature Version 4), and what is made of it when it is not. */
import { AwsV4Signer } from "aws4fetch";
import { log } from "../log.ts";
import type { Config } from "../protocol/config.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";

export interface Place {
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  isPathStyle: boolean;
}

/** @returns undefined where S3 is not set up */
export function placeOf(config: S3Config): Place | undefined {
  const { S3_ENDPOINT: endpoint, S3_REGION: region, S3_BUCKET: bucket, S3_PATH_STYLE: isPathStyle } = config;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (endpoint === undefined || bucket === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { endpoint, region, bucket, accessKeyId, secretAccessKey, isPathStyle };
}

export type S3Config = Pick<
  Config,
  "S3_ENDPOINT" | "S3_REGION" | "S3_BUCKET" | "S3_ACCESS_KEY_ID" | "S3_SECRET_ACCESS_KEY" | "S3_PATH_STYLE"
>;

/** A key in a path, as signatures have it: RFC 3986, the slashes kept. */
export function encodeKey(key: string): string {
  // A URL resolves such a segment away: it would name something else, in another bucket even.
  if (/(^|\/)\.{1,2}(\/|$)/.test(key)) throw new Error("A key has a segment of dots");
  const encoded = encodeURIComponent(key).replaceAll("%2F", "/");
  return encoded.replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** @param key the bucket itself where it is not given */
function addressOf({ endpoint, bucket, isPathStyle }: Place, key = ""): URL {
  const url = new URL(endpoint);
  if (!isPathStyle) url.host = `${bucket}.${url.host}`;
  const folder = url.pathname.replace(/\/$/, "") + (isPathStyle ? `/${bucket}` : "");
  url.pathname = key === "" ? folder : `${folder}/${encodeKey(key)}`;
  return url;
}

export interface Question {
  method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** The bucket itself is asked where it is not given. */
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: ReadableStream;
}

export interface Permit extends Question {
  /** Whole seconds at least, a week at most. */
  expiresMs: number;
  nowMs: number;
}

export interface S3 {
  /** What to `fetch`, at once. */
  sign(question: Question): Promise<{ url: string; init: RequestInit }>;
  /** An address by which anybody may ask the question, with just these headers, until it expires. */
  presign(permit: Permit): Promise<string>;
}

export function connectS3(place: Place): S3 {
  const { accessKeyId, secretAccessKey, region } = place;
  const cache = new Map<string, ArrayBuffer>();
  const shared = { accessKeyId, secretAccessKey, region, service: "s3", cache };

  function urlOf({ key, query = {} }: Question): URL {
    const url = addressOf(place, key);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  return {
    async sign(question) {
      const { method, headers = {}, body } = question;
      const signed = await new AwsV4Signer({ ...shared, method, headers, url: urlOf(question).href }).sign();
      // Not signed, since proxies change it. Compressed on its way, an answer would lose its length.
      signed.headers.set("Accept-Encoding", "identity");
      const init = { method, headers: signed.headers, redirect: "manual", ...(body && { body }) } as const;
      return { url: signed.url.href, init };
    },

    async presign({ expiresMs, nowMs, ...question }) {
      const { method, headers = {} } = question;
      const url = urlOf(question);
      const sinceSeconds = Math.floor(nowMs / 1_000);
      url.searchParams.set("X-Amz-Expires", String(Math.ceil((nowMs + expiresMs) / 1_000) - sinceSeconds));
      const datetime = new Date(sinceSeconds * 1_000).toISOString().replace(/[:-]|\.\d{3}/g, "");
      const what = { ...shared, method, headers, url: url.href, datetime };
      // All headers: type and length are left out otherwise, and any would do.
      return (await new AwsV4Signer({ ...what, signQuery: true, allHeaders: true }).sign()).url.href;
    },
  };
}

/** @param why a status or a word, for the log: never what came back */
export function s3Away(method: string, why: string | number): Fault {
  log("error", "s3_failed", { method, why });
  return new Fault("UNAVAILABLE", "The store of media is away", { retry_after_ms: limits.unavailableRetryMs });
}

/** What `fetch` and its streams throw: that S3 does not answer. @throws Fault UNAVAILABLE */
export async function reached<T>(method: string, answering: Promise<T>): Promise<T> {
  try {
    return await answering;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw s3Away(method, error instanceof Error ? error.name : "unknown");
  }
}

/** Also keys that are not accepted, no such bucket, another region, too many requests: nothing the caller can mend. */
const isAway = (status: number) => status >= 500 || status < 400 || [401, 403, 404, 408, 429].includes(status);

/**
 * What S3 answers, if it is well or one of `values`; anything else is read, so that nothing is left open.
 * @throws Fault UNAVAILABLE
 */
export async function checked(method: string, answer: Response, values: number[] = []): Promise<Response> {
  const { ok, status } = answer;
  if (ok || values.includes(status)) return answer;
  const text = await reached(method, answer.text());
  const word = /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1];
  const why = word === undefined ? String(status) : `${status} ${word}`;
  if (isAway(status)) throw s3Away(method, why);
  throw new Error(`S3 refused ${method}: ${why}`);
}
