/** Users put straight into Postgres, tokens signed with the server's own key: registration is not what is measured. */
import { randomUUID } from "node:crypto";
import { neon, neonConfig } from "@neondatabase/serverless";
import { connectionString } from "../../src/local/postgres.ts";
import { connectTokens } from "../../src/services/tokens.ts";
import { jwtKeys } from "./product.ts";
import type { Opening } from "./socket.ts";

export interface Place {
  port: number;
  postgresPort: number;
}

export interface Someone {
  id: string;
  token: string;
}

export interface Group {
  id: string;
  people: Someone[];
}

const uuid7 = () => `0190a000-${randomUUID().slice(9)}`.replace(/^(.{14})./, "$17");

export async function query<Row>({ postgresPort }: Place, text: string, params: unknown[] = []): Promise<Row[]> {
  neonConfig.fetchEndpoint = `http://127.0.0.1:${postgresPort}/sql`;
  return (await neon(connectionString).query(text, params)) as Row[];
}

export async function someone(place: Place, count: number): Promise<Someone[]> {
  const ids = Array.from({ length: count }, uuid7);
  const names = ids.map((_, index) => `Person ${index}`);
  const mails = ids.map((id) => `${id}@bench.example`);
  const text =
    "insert into users (id, name, email) select * from unnest($1::uuid[], $2::text[], $3::text[]) returning id";
  await query(place, text, [ids, names, mails]);
  const [kid = "", secret = ""] = jwtKeys.split(":");
  const tokens = connectTokens({ JWT_KEYS: [{ kid, secret }], PUBLIC_URL: `http://127.0.0.1:${place.port}` });
  return Promise.all(
    ids.map(async (id, index) => {
      const token = await tokens.issue({ id, name: names[index] ?? "" }, uuid7(), Date.now());
      return { id, token };
    }),
  );
}

/** A conversation of `count` people. */
export async function group(place: Place, count: number): Promise<Group> {
  const people = await someone(place, count);
  const [creator, ...others] = people;
  const body = { participant_ids: others.map(({ id }) => id), title: `Group of ${count}` };
  const made = await call(place, creator, "POST", "/conversations", body);
  return { id: String(made.id), people };
}

/** Their socket of the conversation. */
export function roomSocket({ port }: Place, { id }: Group, { token }: Someone): Opening {
  return { port, path: `/api/v1/conversations/${id}/ws`, protocols: ["pingme", token] };
}

/** Their own, of all their conversations. */
export function userSocket({ port }: Place, { token }: Someone): Opening {
  return { port, path: "/api/v1/ws", protocols: ["pingme", token] };
}

export async function call(place: Place, who: Someone | undefined, method: string, path: string, body?: unknown) {
  const response = await fetch(`http://127.0.0.1:${place.port}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${who?.token}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}
