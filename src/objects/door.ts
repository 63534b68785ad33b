/**
 * What both objects do where a socket comes in. The Worker has authenticated the upgrade and built its request anew, so
 * that no header of it is a client's.
 */
import type { Services } from "../connect.ts";
import type { Command } from "../protocol/commands.ts";
import { answering, type Close, closes, type Refusal, type Result, refuse } from "../protocol/errors.ts";
import type { ClientFrame } from "../protocol/frames.ts";
import { limits } from "../protocol/limits.ts";
import { isLonger, type Parsed, parseFrames } from "../protocol/parsing.ts";
import { actorHeader } from "../protocol/rpc.ts";
import { actor } from "../protocol/users.ts";
import type { Identity, Sockets } from "./sockets.ts";

export function identityOf(request: Request): Identity {
  const who = actor.parse(JSON.parse(request.headers.get(actorHeader) ?? "null"));
  const batch = request.headers.get("Sec-WebSocket-Protocol") === "pingme.batch";
  return { ...who, batch, follows: [], is_active: true, watches: {}, heard_at: Date.now(), acks: false };
}

/** Accepts the socket and gives the 101 to answer with. */
export function acceptUpgrade(
  sockets: Sockets,
  who: Identity,
  request: Request,
): { socket: WebSocket; response: Response } {
  const { 0: client, 1: server } = new WebSocketPair();
  sockets.accept(server, who);
  const protocol = request.headers.get("Sec-WebSocket-Protocol");
  const headers = new Headers(protocol === null ? {} : { "Sec-WebSocket-Protocol": protocol });
  return { socket: server, response: new Response(null, { status: 101, webSocket: client, headers }) };
}

/** A refused upgrade, for the Worker to turn into a problem. */
export function refuseUpgrade(refusal: Refusal): Response {
  return Response.json(refusal, { status: 400 });
}

/** `?epoch=&since=`, checked by the Worker. */
export function cursorOf(request: Request): { epoch: string | undefined; since: number } | undefined {
  const { searchParams } = new URL(request.url);
  const since = searchParams.get("since");
  return since === null ? undefined : { epoch: searchParams.get("epoch") ?? undefined, since: Number(since) };
}

/**
 * What a socket sent, parsed; or why it is closed for it.
 * @param maxBytes of one frame
 */
export function framesIn(data: string | ArrayBuffer, who: Identity, maxBytes: number): Parsed[] | Close {
  if (typeof data !== "string") return closes.binary;
  if (isLonger(data, limits.frameCloseBytes)) return closes.tooBig;
  return parseFrames(data, { batch: who.batch, maxBytes });
}

/** Gives a socket a fresh token of its session. @returns who it is for now, or why not; undefined where the socket is gone */
export async function freshen(
  sockets: Sockets,
  services: Services,
  socket: WebSocket,
  token: string,
): Promise<Result<Identity> | undefined> {
  const verified = await answering(() => services.tokens.verify(token));
  const who = sockets.of(socket);
  if (!who) return undefined;
  if (!verified.ok) return verified;
  const actor = verified.value;
  if (actor.token_id === who.token_id) return refuse("INVALID_MESSAGE", "The socket has this token already");
  if (actor.user_id !== who.user_id || actor.session_id !== who.session_id) {
    return refuse("AUTH_FAILED", "The token is not of this session");
  }
  const value = { ...who, ...actor };
  sockets.identify(socket, value);
  return { ok: true, value };
}

type ConversationFrame = Exclude<ClientFrame, { type: "auth" | "presence" | "client_state" }>;

export function commandOf(frame: ConversationFrame): Command {
  if (frame.type === "unsubscribe") return { type: "unfollow", ref: frame.ref };
  if (frame.type === "subscribe" && frame.since === undefined) return { type: "follow", ref: frame.ref };
  return frame;
}
