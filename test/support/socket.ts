/**
 * The client's end of a WebSocket (RFC 6455) in a few lines. It shows what the built-in one hides: the answer to a
 * refused upgrade, and a close frame the moment it comes.
 */
import { randomBytes } from "node:crypto";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { request as requestByTls } from "node:https";
import type { Socket } from "node:net";

export interface Upgrade {
  status: number;
  headers: IncomingHttpHeaders;
  /** Of a refusal. */
  body: string;
  /** Of a 101. */
  connection?: Connection;
}

/** Asks for a socket; a refusal is an answer like any other. */
export function upgrade(url: string, headers: Record<string, string> = {}): Promise<Upgrade> {
  const handshake = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
  };
  return new Promise((resolve, reject) => {
    const ask = url.startsWith("https:") ? requestByTls : request;
    const asked = ask(url, { headers: { ...handshake, ...headers } });
    asked.on("error", reject);
    asked.on("upgrade", (answer, socket: Socket, head) => {
      resolve({ ...headOf(answer), body: "", connection: new Connection(socket, head) });
    });
    asked.on("response", (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      answer.on("end", () => resolve({ ...headOf(answer), body }));
    });
    asked.end();
  });
}

function headOf({ statusCode = 0, headers }: IncomingMessage) {
  return { status: statusCode, headers };
}

const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export class Connection {
  /** What the server closed with; 1006 where the line was cut. */
  closed: { code: number; reason: string } | undefined;
  readonly #socket: Socket;
  #bytes: Buffer;
  #hear: ((text: string) => void) | undefined;
  /** What came with the handshake, or right behind it, waits until somebody hears. */
  readonly #early: string[] = [];

  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#bytes = head;
    socket.on("data", (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#read();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed ??= { code: 1006, reason: "" };
    });
    this.#read();
  }

  /** Called for each text frame, from the very first. */
  set onText(hear: (text: string) => void) {
    this.#hear = hear;
    for (const text of this.#early.splice(0)) hear(text);
  }

  send(data: string | Buffer): void {
    this.#frame(typeof data === "string" ? opcodes.text : opcodes.binary, Buffer.from(data));
  }

  close(code?: number): void {
    const payload = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) payload.writeUInt16BE(code);
    this.#frame(opcodes.close, payload);
  }

  /** As a train in a tunnel: without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  /** The mask is zero: it is there for proxies, and this is none. */
  #frame(opcode: number, payload: Buffer): void {
    const { length } = payload;
    const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const head = Buffer.alloc(2 + size + 4);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127);
    if (size === 2) head.writeUInt16BE(length, 2);
    if (size === 8) head.writeBigUInt64BE(BigInt(length), 2);
    if (this.#socket.writable) this.#socket.write(Buffer.concat([head, payload]));
  }

  #read(): void {
    for (;;) {
      const frame = readFrame(this.#bytes);
      if (!frame) return;
      this.#bytes = this.#bytes.subarray(frame.end);
      this.#take(frame.opcode, frame.payload);
    }
  }

  #said(text: string): void {
    if (this.#hear) this.#hear(text);
    else this.#early.push(text);
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.text) this.#said(payload.toString("utf8"));
    if (opcode === opcodes.ping) this.#frame(opcodes.pong, payload);
    if (opcode !== opcodes.close || this.closed) return;
    const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
    this.closed = { code, reason: payload.subarray(2).toString("utf8") };
    this.#frame(opcodes.close, payload.subarray(0, 2));
    this.#socket.end();
  }
}

/** The first whole frame of a server: never masked, and PingMe's are never in parts. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = start + length;
  if (bytes.length < end) return undefined;
  return { opcode: bytes.readUInt8(0) & 0x0f, payload: bytes.subarray(start, end), end };
}
