/** What the product is measured against: whoever says something, all hear it. No parsing, no rule, no storage. */
import { DurableObject } from "cloudflare:workers";

interface Env {
  ROOMS: DurableObjectNamespace<Room>;
}

export class Room extends DurableObject<Env> {
  readonly #sockets = new Set<WebSocket>();

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#sockets.add(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(_from: WebSocket, data: string): void {
    for (const socket of this.#sockets) socket.send(data);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.delete(socket);
  }
}

// biome-ignore lint/style/noDefaultExport: the platform reads the Worker from the default export.
export default {
  fetch(request: Request, { ROOMS }: Env): Promise<Response> {
    return ROOMS.get(ROOMS.idFromName(new URL(request.url).pathname)).fetch(request);
  },
};
