import { existsSync, renameSync, rmSync } from "node:fs";
import { PGlite as Database, type PGlite, protocol } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { type Answer, type Engine, type Field, PostgresError, type Statement } from "./engine.ts";

/** What PGlite's parser gives, as far as it is read here. */
interface Message {
  name: string;
  message?: string;
  text?: string;
  status?: string;
  fields?: unknown[];
}

const { serialize, Parser } = protocol;
const name = "pingme";

/**
 * PostgreSQL in this process (WebAssembly), its files under `folder`.
 *
 * Danger: it has no lock file; two on one folder destroy it. The caller holds the state folder's lock or a bound port.
 */
export async function openPglite(folder: string): Promise<Engine> {
  if (!existsSync(folder)) await initialize(folder);
  const database = await Database.create({ dataDir: folder, database: name, extensions: { pg_trgm } });
  // One session for all: what a request leaves behind (SET, temporary tables, advisory locks) must not meet the next.
  const turn = oneAtATime();
  return {
    query: (statement) => turn(() => transact(database, [statement], "")).then(([answer]) => answer as Answer),
    batch: (statements, begin) => turn(() => transact(database, statements, begin)),
    close: () => turn(() => database.close()),
  };
}

/** Under another name until it is whole: a launcher killed half-way leaves nothing that looks like a database. */
async function initialize(folder: string): Promise<void> {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const database = await Database.create({ dataDir: unfinished });
  await database.exec(`create database ${name}`);
  await database.close();
  renameSync(unfinished, folder);
}

/** @param begin the statement that opens the transaction around them, "" for none */
async function transact(database: PGlite, statements: Statement[], begin: string): Promise<Answer[]> {
  const around = begin ? [{ query: begin, params: [] }, ...statements, { query: "commit", params: [] }] : statements;
  const messages = await exchange(database, around);
  await tidy(database, messages);
  const failure = messages.find((message) => message.name === "error");
  if (failure) throw new PostgresError(failure.message ?? "", failure as unknown as Record<string, unknown>);
  const answers = answersOf(messages);
  return begin ? answers.slice(1, -1) : answers;
}

/** One trip for all statements: text both ways. After an error Postgres skips to the Sync at the end. */
async function exchange(database: PGlite, statements: Statement[]): Promise<Message[]> {
  const parts = statements.flatMap(({ query, params }) => [
    serialize.parse({ text: query }),
    serialize.bind({ values: params }),
    serialize.describe({ type: "P" }),
    serialize.execute({}),
  ]);
  const raw = await database.execProtocolRaw(Buffer.concat([...parts, serialize.sync()]));
  const messages: Message[] = [];
  new Parser().parse(raw, (message) => messages.push(message as unknown as Message));
  return messages;
}

async function tidy(database: PGlite, messages: Message[]): Promise<void> {
  if (messages.at(-1)?.status !== "I") await exchange(database, [{ query: "rollback", params: [] }]);
  await exchange(database, [{ query: "discard all", params: [] }]);
}

function answersOf(messages: Message[]): Answer[] {
  const answers: Answer[] = [];
  let fields: Field[] = [];
  let rows: (string | null)[][] = [];
  for (const message of messages) {
    if (message.name === "rowDescription") fields = message.fields as Field[];
    if (message.name === "dataRow") rows.push(message.fields as (string | null)[]);
    if (message.name !== "commandComplete" && message.name !== "emptyQuery") continue;
    const [command = "", ...counts] = (message.text ?? "").split(" ");
    answers.push({ command, rowCount: counts.length ? Number(counts.at(-1)) : null, fields, rows, rowAsArray: true });
    fields = [];
    rows = [];
  }
  return answers;
}

/** Work given to it runs in the order given, each after the one before has settled. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
