/** Whether the time of an answer tells if an address has an account: the same request for known and unknown ones, by turns. */
import { randomUUID } from "node:crypto";
import { argon2id } from "@noble/hashes/argon2.js";
import { query } from "./people.ts";
import type { Product } from "./product.ts";

export interface Timing {
  route: string;
  /** Medians and 95th percentiles, ms. */
  known: { p50: number; p95: number };
  unknown: { p50: number; p95: number };
}

const rounds = 100;
const warmups = 5;

const somebody = () => `${randomUUID()}@bench.example`;

/** Addresses that have an account, each with a password nobody sends. */
async function accounts(product: Product, count: number): Promise<string[]> {
  const salt = new Uint8Array(16);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");
  const tag = argon2id(new TextEncoder().encode(randomUUID()), salt, { m: 19_456, t: 2, p: 1, dkLen: 32 });
  const hash = `$argon2id$v=19$m=19456,t=2,p=1$${base64(salt)}$${base64(tag)}`;
  const emails = Array.from({ length: count }, somebody);
  const text =
    "insert into users (id, name, email, password_hash) select gen_random_uuid(), 'Known', email, $2 from unnest($1::text[]) as email returning id";
  await query(product, text, [emails, hash]);
  return emails;
}

const routes: Record<string, (email: string) => object> = {
  login: (email) => ({ email, password: "not the password" }),
  register: (email) => ({ email, password: "hard to guess 1", name: "Somebody" }),
  "reset-password": (email) => ({ email }),
};

export async function timings(product: Product): Promise<Timing[]> {
  const measured: Timing[] = [];
  for (const [route, body] of Object.entries(routes)) {
    const emails = await accounts(product, rounds);
    const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
    for (let warm = 0; warm < warmups; warm++) await ask(product, route, body(somebody()));
    for (const [round, email] of emails.entries()) {
      // What follows an answer (mail) falls on the next: each kind comes after each kind as often.
      for (const kind of round % 2 === 0 ? (["known", "unknown"] as const) : (["unknown", "known"] as const)) {
        times[kind].push(await ask(product, route, body(kind === "known" ? email : somebody())));
      }
    }
    measured.push({ route, known: figures(times.known), unknown: figures(times.unknown) });
  }
  return measured;
}

async function ask({ port }: Product, route: string, body: object): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/auth/${route}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  await response.text();
  return performance.now() - startedAt;
}

export function figures(times: number[]): { p50: number; p95: number } {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
