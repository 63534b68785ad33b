import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { Refusal } from "./say.ts";

/** Something that listens and can be ended. */
export interface Backend {
  port: number;
  close(): Promise<void>;
}

export const loopback = "127.0.0.1";

/**
 * Binds to the loopback address, if no other is given. Port 0 takes a free one.
 * @throws Refusal that names the port and what it was for, when it is taken.
 */
export function listen(server: Server, port: number, purpose: string, host = loopback): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error, port, purpose)));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** @throws Refusal when the port is taken: known before a database is opened and a Worker built for it. */
export async function refuseTaken(port: number, purpose: string, host = loopback): Promise<void> {
  const server = createServer();
  await listen(server, port, purpose, host);
  await new Promise((resolve) => server.close(resolve));
}

function portError(error: NodeJS.ErrnoException, port: number, purpose: string): Error {
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  const why = error.code === "EACCES" ? "may not be opened by this user" : "is in use";
  return new Refusal(`port ${port} (${purpose}) ${why}: end what holds it, or set PORT to another one`);
}

/** Ends an HTTP server at once: kept-alive connections of clients would hold it open. */
export function closeHttp(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** @throws RangeError when the body is longer than `limitBytes`. */
export async function readBody(request: IncomingMessage, limitBytes = 64 * 1024 * 1024): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limitBytes) throw new RangeError("The body is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** @throws RangeError when the form is longer than any of ours. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await readBody(request, 64 * 1024));
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
