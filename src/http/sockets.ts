import { Hono } from "hono";
import { z } from "zod";
import { connect } from "../connect.ts";
import { errorCodes, Fault } from "../protocol/errors.ts";
import { id } from "../protocol/ids.ts";
import { actorHeader } from "../protocol/rpc.ts";
import type { Actor } from "../protocol/users.ts";
import { type App, type AppContext, faultOfIssues } from "./context.ts";
import { bearerToken } from "./guard.ts";

/** `?epoch=&since=` of a conversation socket. */
const cursor = z.object({ epoch: z.string().optional(), since: z.coerce.number().int().min(0).optional() });

const refusal = z.object({
  code: z.enum(errorCodes),
  detail: z.string(),
  details: z.object({ retry_after_ms: z.number().optional() }).optional(),
});

/** The two addresses of sockets. Who is behind one is known before an object is woken. */
export function socketRoutes(): Hono<App> {
  const app = new Hono<App>();
  app.get("/ws", async (c) => {
    const { actor, protocol } = await authenticate(c);
    const { USERS } = c.env;
    return await handOver(c, USERS.get(USERS.idFromName(actor.user_id)), actor, protocol);
  });
  app.get("/conversations/:id/ws", async (c) => {
    const { actor, protocol } = await authenticate(c);
    const roomId = id.safeParse(c.req.param("id"));
    if (!roomId.success) throw new Fault("CONVERSATION_NOT_FOUND", "There is no such conversation");
    const query = cursor.safeParse(c.req.query());
    if (!query.success) throw faultOfIssues(query.error.issues);
    const { CONVERSATIONS } = c.env;
    return await handOver(c, CONVERSATIONS.get(CONVERSATIONS.idFromName(roomId.data)), actor, protocol);
  });
  return app;
}

/** @throws Fault INVALID_MESSAGE without an upgrade, AUTH_REQUIRED, AUTH_FAILED */
async function authenticate(c: AppContext): Promise<{ actor: Actor; protocol: string | undefined }> {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    throw new Fault("INVALID_MESSAGE", "This address is for WebSockets: an Upgrade is needed");
  }
  const { protocol, token } = offered(c.req.header("Sec-WebSocket-Protocol"));
  const { tokens } = connect(c.env);
  const actor = await tokens.verify(token ?? bearerToken(c));
  c.set("actor", actor);
  return { actor, protocol };
}

/** Of the subprotocols offered: the one to agree on, and the access token among them. */
function offered(header: string | undefined): { protocol: string | undefined; token: string | undefined } {
  const entries = (header ?? "").split(",").map((entry) => entry.trim());
  const protocol = ["pingme.batch", "pingme"].find((known) => entries.includes(known));
  return { protocol, token: entries.find((entry) => entry !== "" && entry !== "pingme" && entry !== "pingme.batch") };
}

/** Gives the upgrade to the object, as a request made anew: none of its headers is the client's. */
async function handOver(c: AppContext, object: Fetcher, actor: Actor, protocol: string | undefined): Promise<Response> {
  const headers = new Headers({ Upgrade: "websocket", [actorHeader]: JSON.stringify(actor) });
  if (protocol !== undefined) headers.set("Sec-WebSocket-Protocol", protocol);
  const response = await object.fetch(c.req.url, { headers });
  if (response.status === 101) return response;
  const { code, detail, details } = refusal.parse(await response.json());
  throw new Fault(
    code,
    detail,
    details?.retry_after_ms === undefined ? undefined : { retry_after_ms: details.retry_after_ms },
  );
}
