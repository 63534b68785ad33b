import { neon, neonConfig } from "@neondatabase/serverless";
import { sql as raw } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { customType, integer, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { beforeAll, describe, expect, inject, test } from "vitest";

const { DATABASE_URL: address = "", DATABASE_HTTP_URL: endpoint = "" } = inject("variables");
neonConfig.fetchEndpoint = endpoint;
const sql = neon(address);
const db = drizzle({ client: sql });

const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({ dataType: () => "bytea" });
const things = pgTable("local_test_things", {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
  bytes: bytea(),
  made: timestamp({ withTimezone: true, mode: "date" }),
  more: jsonb().$type<{ a: number[] }>(),
});

beforeAll(async () => {
  await sql`drop table if exists local_test_things`;
  await sql`create table local_test_things
    (id int primary key, name text not null unique check (name <> ''), bytes bytea, made timestamptz, more jsonb)`;
});

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error.cause ?? error,
  );

describe("the embedded Postgres, through drizzle and the Neon driver, does", () => {
  test("give back every type as it was put in", async () => {
    const row = {
      id: 1,
      name: "größe 😀 'quoted' \\x",
      bytes: Buffer.from([0, 1, 255]),
      made: new Date("2026-01-02T03:04:05.678Z"),
      more: { a: [1, 2] },
    };
    await db.insert(things).values(row);
    expect(await db.select().from(things).where(raw`id = 1`)).toEqual([row]);
  });

  test("keep null apart from empty text", async () => {
    await db.insert(things).values({ id: 2, name: "null" });
    const [row] = await sql`select bytes, made, '' as empty, null as nothing from local_test_things where id = 2`;
    expect(row).toEqual({ bytes: null, made: null, empty: "", nothing: null });
  });

  test("count the rows a statement touched", async () => {
    const result = await db.execute(raw`update local_test_things set made = now() where id in (1, 2)`);
    expect([result.command, result.rowCount]).toEqual(["UPDATE", 2]);
  });

  test("run a batch in the isolation asked for", async () => {
    const [rows] = await sql.transaction([sql`select current_setting('transaction_isolation') as level`], {
      isolationLevel: "Serializable",
      readOnly: true,
    });
    expect(rows).toEqual([{ level: "serializable" }]);
  });

  test("have what the archive is built on: trigrams, and Russian full text", async () => {
    await sql`create extension if not exists pg_trgm`;
    const [row] = await sql`select similarity('pingme', 'pingm') > 0.5 as alike,
      to_tsvector('russian', 'сообщения') @@ to_tsquery('russian', 'сообщение') as found`;
    expect(row).toEqual({ alike: true, found: true });
  });
});

describe("the embedded Postgres refuses", () => {
  test("a second row of one key, with the fields of Postgres", async () => {
    await db.insert(things).values({ id: 10, name: "ten" });
    const error = await failure(db.insert(things).values({ id: 11, name: "ten" }));
    expect(error).toMatchObject({
      code: "23505",
      severity: "ERROR",
      constraint: "local_test_things_name_key",
      table: "local_test_things",
      detail: "Key (name)=(ten) already exists.",
    });
  });

  test("a batch whole when one statement of it fails", async () => {
    const add = (id: number, name: string) => db.insert(things).values({ id, name });
    expect(await failure(db.batch([add(20, "twenty"), add(21, "")]))).toMatchObject({ code: "23514" });
    expect(await sql`select id from local_test_things where id in (20, 21)`).toEqual([]);
  });

  test("a statement it cannot read, saying where", async () => {
    expect(await failure(sql.query("selec 1"))).toMatchObject({ code: "42601", position: "1" });
  });

  test("a wrong password, another user and an unknown database", async () => {
    const codeAt = async (url: string) => (await failure(neon(url)`select 1`))?.code;
    expect(await codeAt("postgres://postgres:wrong@127.0.0.1/pingme")).toBe("28P01");
    expect(await codeAt("postgres://root:postgres@127.0.0.1/pingme")).toBe("28P01");
    expect(await codeAt("postgres://postgres:postgres@127.0.0.1/other")).toBe("3D000");
  });

  test("what is not Neon's protocol", async () => {
    expect((await fetch(endpoint)).status).toBe(404);
    const headers = { "Neon-Connection-String": address };
    expect((await fetch(endpoint, { method: "POST", headers, body: "{" })).status).toBe(400);
  });
});

describe("the embedded Postgres survives", () => {
  test("a request that leaves its transaction open", async () => {
    await sql`begin`;
    await failure(sql`select 1/0`);
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test("a request that changes its session: the next one has a fresh one", async () => {
    await sql`set timezone = 'Asia/Tokyo'`;
    await sql`create temporary table leftover (a int)`;
    await sql`select pg_advisory_lock(1)`;
    const [row] = await sql`select current_setting('timezone') as zone, to_regclass('leftover') as leftover,
      (select count(*)::int from pg_locks where locktype = 'advisory') as locks`;
    expect(row).toEqual({ zone: "UTC", leftover: null, locks: 0 });
  });

  test("many at once", async () => {
    const sums = await Promise.all(Array.from({ length: 50 }, (_, n) => sql`select ${n}::int + 1 as sum`));
    expect(sums.map(([row]) => row?.sum)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });
});
