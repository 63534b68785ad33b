import { zValidator } from "@hono/zod-validator";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { z } from "zod";
import { connect } from "../connect.ts";
import { describeError, log } from "../log.ts";
import { errorCodes, Fault } from "../protocol/errors.ts";
import { id } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { actorHeader } from "../protocol/rpc.ts";
import type { Actor } from "../protocol/users.ts";
import { type App, type AppContext, refuseInvalid } from "./context.ts";
import { awaitFirstFrame } from "./first-frame.ts";
import { bearerToken } from "./guard.ts";
import { countCaller } from "./throttle.ts";

/** `?epoch=&since=` of a conversation socket. */
const cursor = z.object({ epoch: z.string().optional(), since: z.coerce.number().int().min(0).optional() });

const refusal = z.object({
  code: z.enum(errorCodes),
  detail: z.string(),
  details: z.object({ retry_after_ms: z.number().optional() }).optional(),
});

/** Who is behind a socket is known before an object is woken. @throws Fault INVALID_MESSAGE, AUTH_REQUIRED, AUTH_FAILED */
const upgrading = createMiddleware<App>(async (c, next) => {
  if (!isUpgrade(c)) {
    throw new Fault("INVALID_MESSAGE", "This address is for WebSockets: an Upgrade is needed");
  }
  c.set("actor", await verified(c));
  await next();
});

/** Who shows no sound token counts as on every open route. @throws Fault AUTH_REQUIRED, AUTH_FAILED, RATE_LIMIT_EXCEEDED */
async function verified(c: AppContext): Promise<Actor> {
  try {
    return await connect(c.env).tokens.verify(offered(c).token ?? bearerToken(c));
  } catch (error) {
    if (error instanceof Fault) await countCaller(c);
    throw error;
  }
}

/** The two addresses of sockets. */
export function socketRoutes(): Hono<App> {
  const app = new Hono<App>();
  app.get("/ws", async (c, next) => {
    if (!isUpgrade(c) || hasToken(c)) return await next();
    return await waitingRoom(c);
  });
  app.get("/ws", upgrading, async (c) => await handOver(c, hubOf(c, c.get("actor")), c.get("actor")));
  app.get(
    "/conversations/:id/ws",
    upgrading,
    zValidator("param", z.object({ id }), refuseInvalid),
    zValidator("query", cursor, refuseInvalid),
    async (c) => {
      const { CONVERSATIONS } = c.env;
      const room = CONVERSATIONS.get(CONVERSATIONS.idFromName(c.req.valid("param").id));
      return await handOver(c, room, c.get("actor"));
    },
  );
  return app;
}

/** Of the subprotocols offered: the one to agree on, and the access token among them. */
function offered(c: AppContext): { protocol: string | undefined; token: string | undefined } {
  const entries = (c.req.header("Sec-WebSocket-Protocol") ?? "").split(",").map((entry) => entry.trim());
  const protocol = ["pingme.batch", "pingme"].find((known) => entries.includes(known));
  return { protocol, token: entries.find((entry) => entry !== "" && entry !== "pingme" && entry !== "pingme.batch") };
}

function isUpgrade(c: AppContext): boolean {
  return c.req.header("Upgrade")?.toLowerCase() === "websocket";
}

function hasToken(c: AppContext): boolean {
  return c.req.header("Authorization") !== undefined || offered(c).token !== undefined;
}

function hubOf(c: AppContext, { user_id }: Actor): Fetcher {
  const { USERS } = c.env;
  return USERS.get(USERS.idFromName(user_id));
}

/** A user socket without a token: it may come in the first frame. @throws Fault RATE_LIMIT_EXCEEDED */
async function waitingRoom(c: AppContext): Promise<Response> {
  const { tokens } = connect(c.env);
  await countCaller(c);
  const { protocol } = offered(c);
  const { 0: client, 1: server } = new WebSocketPair();
  awaitFirstFrame(server, {
    isBatch: protocol === "pingme.batch",
    verify: (token) => tokens.verify(token),
    open: async (actor) => {
      const { webSocket } = await handOver(c, hubOf(c, actor), actor);
      if (!webSocket) throw new Error("An accepted upgrade brought no socket");
      return webSocket;
    },
    count: () => countCaller(c),
  });
  const headers = new Headers(protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol });
  return new Response(null, { status: 101, webSocket: client, headers });
}

/** @throws Fault UNAVAILABLE where the object is away */
async function reached(c: AppContext, ask: () => Promise<Response>): Promise<Response> {
  try {
    return await ask();
  } catch (error) {
    log("error", "socket_failed", { request_id: c.get("requestId"), ...describeError(error) });
    throw new Fault("UNAVAILABLE", "Try again in a moment", { retry_after_ms: limits.unavailableRetryMs });
  }
}

/** Gives the upgrade to the object, as a request made anew: none of its headers is the client's. */
async function handOver(c: AppContext, object: Fetcher, actor: Actor): Promise<Response> {
  const { protocol } = offered(c);
  const headers = new Headers({ Upgrade: "websocket", [actorHeader]: JSON.stringify(actor) });
  if (protocol !== undefined) headers.set("Sec-WebSocket-Protocol", protocol);
  const response = await reached(c, () => object.fetch(c.req.url, { headers }));
  if (response.status === 101) return response;
  const { code, detail, details } = refusal.parse(await response.json());
  if (code === "AUTH_FAILED") await countCaller(c);
  throw new Fault(
    code,
    detail,
    details?.retry_after_ms === undefined ? undefined : { retry_after_ms: details.retry_after_ms },
  );
}
