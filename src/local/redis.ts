import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { openScripts, type Scripts } from "./lua.ts";
import { execute } from "./redis-commands.ts";
import { ok, RedisError, type Reply, Store } from "./redis-store.ts";
import { arity } from "./redis-words.ts";
import { answerJson, type Backend, closeHttp, listen, loopback, readBody } from "./server.ts";

export interface Redis extends Backend {
  url: string;
  token: string;
}

/**
 * Redis over Upstash's REST protocol, in memory: one command (`POST /`), many (`/pipeline`), many as one transaction
 * (`/multi-exec`). Commands run one after the other in this thread, so each, and each script, is atomic.
 */
export async function startRedis(options: { port: number; token: string }): Promise<Redis> {
  const speaker = new Speaker();
  const server = createServer((request, response) => {
    serve(request, response, speaker, options.token).catch((error: unknown) => {
      if (!response.headersSent) answerJson(response, 400, { error: `ERR ${(error as Error).message}` });
    });
  });
  const port = await listen(server, options.port, "Redis");
  return { port, url: `http://${loopback}:${port}`, token: options.token, close: () => closeHttp(server) };
}

type Outcome = { result: unknown } | { error: string };

class Speaker {
  readonly #store = new Store();
  readonly #scripts: Scripts = openScripts();

  /** @throws RedisError */
  run(words: string[]): Reply {
    const name = (words[0] ?? "").toUpperCase();
    if (name === "EVAL" || name === "EVALSHA") return this.#evaluate(name, words.slice(1));
    if (name === "SCRIPT") return this.#script(words.slice(1));
    return execute(this.#store, words);
  }

  #evaluate(name: string, [script = "", ...args]: string[]): Reply {
    if (args.length === 0) throw arity(name);
    const sha = name === "EVAL" ? this.#scripts.load(script) : script;
    return this.#scripts.run(sha, args, (words) => execute(this.#store, words));
  }

  #script([verb = "", ...args]: string[]): Reply {
    const what = verb.toUpperCase();
    if (what === "LOAD") return this.#scripts.load(args[0] ?? "");
    if (what === "EXISTS") return args.map((sha) => Number(this.#scripts.has(sha)));
    if (what === "FLUSH") return ok;
    throw new RedisError(`ERR unknown subcommand '${verb}'. Try SCRIPT HELP.`);
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  speaker: Speaker,
  token: string,
): Promise<void> {
  const body = await readBody(request);
  if (!isSame(request.headers.authorization ?? "", `Bearer ${token}`)) {
    return answerJson(response, 401, { error: "WRONGPASS invalid or missing auth token" });
  }
  const door = request.method === "POST" ? doors[request.url ?? ""] : undefined;
  if (!door) return answerJson(response, 404, { error: "ERR POST /, /pipeline or /multi-exec" });
  const encode = request.headers["upstash-encoding"] === "base64" ? base64 : plain;
  const outcome = door(JSON.parse(body), (words) => attempt(speaker, words, encode));
  answerJson(response, Array.isArray(outcome) || "result" in outcome ? 200 : 400, outcome);
}

type Door = (body: unknown, run: (words: unknown) => Outcome) => Outcome | Outcome[];

const many: Door = (body, run) =>
  Array.isArray(body) ? body.map(run) : { error: "ERR the body is no list of commands" };
const doors: Record<string, Door> = {
  "/": (body, run) => run(body),
  "/pipeline": many,
  "/multi-exec": many,
};

function attempt(speaker: Speaker, words: unknown, encode: (reply: Reply) => unknown): Outcome {
  if (!Array.isArray(words) || words.length === 0) return { error: "ERR empty command" };
  try {
    return { result: encode(speaker.run(words.map(String))) };
  } catch (error) {
    if (error instanceof RedisError) return { error: error.message };
    throw error;
  }
}

function plain(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(plain);
  return reply !== null && typeof reply === "object" ? reply.status : reply;
}

/** Strings only. The client takes a bare "OK" for the status, so a stored "OK" is told from it. */
function base64(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(base64);
  if (typeof reply === "string") return Buffer.from(reply).toString("base64");
  if (reply === null || typeof reply === "number") return reply;
  return reply.status === "OK" ? "OK" : Buffer.from(reply.status).toString("base64");
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
