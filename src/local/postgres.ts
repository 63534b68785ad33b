import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { type Engine, PostgresError, type Statement } from "./engine.ts";
import { answerJson, type Backend, closeHttp, listen, loopback, readBody } from "./server.ts";

export interface Postgres extends Backend {
  connectionString: string;
  /** For `neonConfig.fetchEndpoint`. */
  endpoint: string;
}

export const connectionString = `postgres://postgres:postgres@${loopback}/pingme`;

/**
 * Neon's HTTP protocol (`POST /sql`, driver 1.2.0) before a Postgres under `folder`, or before the one at `url`.
 * The port is bound before the files are opened: it is what keeps a second process from them.
 */
export async function startPostgres(options: {
  port: number;
  folder: string;
  url?: string | undefined;
}): Promise<Postgres> {
  let engine: Promise<Engine>;
  const server = createServer((request, response) => {
    serve(request, response, engine).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(error instanceof Error ? error.message : "");
    });
  });
  const port = await listen(server, options.port, "Postgres");
  engine = openEngine(options);
  await engine;
  const endpoint = `http://${loopback}:${port}/sql`;
  const close = async () => {
    await closeHttp(server);
    await (await engine).close();
  };
  return { port, connectionString, endpoint, close };
}

async function openEngine({ folder, url }: { folder: string; url?: string | undefined }): Promise<Engine> {
  if (url) return (await import("./pgserver.ts")).openServer(url);
  return (await import("./pglite.ts")).openPglite(folder);
}

async function serve(request: IncomingMessage, response: ServerResponse, engine: Promise<Engine>): Promise<void> {
  if (request.method !== "POST" || request.url !== "/sql") return answerJson(response, 404, { message: "POST /sql" });
  const body = await readBody(request);
  try {
    allow(request.headers);
    answerJson(response, 200, await answer(JSON.parse(body), request.headers, await engine));
  } catch (error) {
    if (error instanceof SyntaxError) return answerJson(response, 400, { message: "The body is not JSON" });
    if (!(error instanceof PostgresError)) throw error;
    answerJson(response, 400, { message: error.message, ...error.fields });
  }
}

function allow(headers: IncomingHttpHeaders): void {
  const given = String(headers["neon-connection-string"] ?? "");
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.username === "postgres" && url.password === "postgres") {
    if (url.pathname === "/pingme") return;
    const text = `database "${url.pathname.slice(1)}" does not exist`;
    throw new PostgresError(text, { severity: "FATAL", code: "3D000" });
  }
  const text = `password authentication failed for user "${url?.username ?? ""}"`;
  throw new PostgresError(text, { severity: "FATAL", code: "28P01" });
}

interface Body {
  query?: string;
  params?: unknown[];
  queries?: Body[];
}

async function answer(body: Body, headers: IncomingHttpHeaders, engine: Engine): Promise<unknown> {
  if (!body.queries) return engine.query(statementOf(body));
  return { results: await engine.batch(body.queries.map(statementOf), beginFrom(headers)) };
}

function statementOf({ query = "", params = [] }: Body): Statement {
  return { query, params: params.map((value) => (value === null || value === undefined ? null : String(value))) };
}

const levels: Record<string, string> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

function beginFrom(headers: IncomingHttpHeaders): string {
  const level = levels[String(headers["neon-batch-isolation-level"] ?? "")];
  const modes = [
    level && `isolation level ${level}`,
    headers["neon-batch-read-only"] === "true" && "read only",
    headers["neon-batch-deferrable"] === "true" && "deferrable",
  ];
  return `begin ${modes.filter(Boolean).join(", ")}`;
}
