/**
 * Stands in for Firebase Cloud Messaging: HTTP v1 with the tokens of a service account. It delivers nothing, and shows
 * what it was given: a page at `/`, JSON at `/api/pushes?token=`. `PUT /api/tokens/{token}` says how pushes to one fare.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { readJson } from "../protocol/text.ts";
import { makeFcmAccess } from "./fcm-access.ts";
import { fcmProject } from "./fcm-account.ts";
import { answerAs, failures } from "./fcm-answers.ts";
import { type Manners, manners } from "./fcm-manners.ts";
import { fcmSend, payloadBytes, type SentMessage } from "./fcm-message.ts";
import { fcmPage } from "./fcm-page.ts";
import { answerJson, type Backend, closeHttp, listen, loopback, readBody } from "./server.ts";

export interface PushSeen {
  message: SentMessage;
  received_at: string;
}

export interface Fcm extends Backend {
  url: string;
}

/** The newest so many are kept, in memory. */
const capacity = 10_000;

/** @param key of the service account, PEM */
export async function startFcm({ port, key }: { port: number; key: string }): Promise<Fcm> {
  const pushes: PushSeen[] = [];
  const told = new Map<string, Manners>();
  const access = makeFcmAccess(key, () => `${url}/token`);

  function mannersFor(token: string): Manners {
    const known = told.get(token) ?? { as: "fine" };
    if (known.times !== undefined) {
      if (known.times > 1) told.set(token, { ...known, times: known.times - 1 });
      else told.delete(token);
    }
    return known;
  }

  async function send(request: IncomingMessage, response: ServerResponse, project: string): Promise<void> {
    const body = readJson(await readBody(request, 64 * 1024));
    if (!access.isGood(request.headers.authorization)) return failures.unauthenticated(response);
    if (project !== fcmProject) return failures.otherProject(response);
    const read = fcmSend.safeParse(body);
    if (!read.success)
      return failures.badMessage(
        response,
        read.error.issues.map((issue) => issue.path.join(".")),
      );
    const { message } = read.data;
    if (sizeOf(message) > payloadBytes) return failures.badToken(response);
    if (answerAs(mannersFor(message.token), response)) return;
    pushes.push({ message, received_at: new Date().toISOString() });
    if (pushes.length > capacity) pushes.shift();
    answerJson(response, 200, { name: `projects/${project}/messages/${crypto.randomUUID()}` });
  }

  async function tell(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const read = manners.safeParse(readJson(await readBody(request, 1_024)));
    if (!read.success) return answerJson(response, 400, { message: read.error.message });
    told.set(token, read.data);
    answerJson(response, 200, read.data);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fcm");
    const [, project] = /^\/v1\/projects\/([^/]+)\/messages:send$/.exec(pathname) ?? [];
    const [, told] = /^\/api\/tokens\/([^/]+)$/.exec(pathname) ?? [];
    const token = searchParams.get("token");
    if (request.method === "POST" && pathname === "/token") return await access.give(request, response);
    if (request.method === "POST" && project !== undefined) return await send(request, response, project);
    if (request.method === "PUT" && told !== undefined) return await tell(request, response, decodeURIComponent(told));
    const found = pushes.filter(({ message }) => token === null || message.token === token);
    if (pathname === "/api/pushes") return answerJson(response, 200, found);
    if (pathname !== "/") return answerJson(response, 404, { message: "/ or /api/pushes?token=" });
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
    response.end(fcmPage(found.toReversed()));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => {
      // A client that went away hears nothing.
      const status = error instanceof RangeError ? 413 : 500;
      answerJson(response.setHeader("connection", "close"), status, { error: "failed" });
    });
  });
  const bound = await listen(server, port, "FCM");
  const url = `http://${loopback}:${bound}`;
  return { port: bound, url, close: () => closeHttp(server) };
}

/** Pushes hold what strangers wrote: the page runs no script and loads nothing. */
const policy = "default-src 'none'; style-src 'unsafe-inline'";

function sizeOf({ token: _token, ...message }: SentMessage): number {
  return Buffer.byteLength(JSON.stringify([message.data, message.notification]));
}
