/**
 * A WebSocket client as small as can be, so that the server is what is measured: masked text frames out, frame headers
 * in, nothing decoded. It offers no permessage-deflate unless asked; then it only counts what comes.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket as Tcp } from "node:net";

/** A whole message's bytes within `buffer`. They are the reader's only until it returns. */
export type Reader = (buffer: Buffer, start: number, end: number) => void;

export interface Opening {
  port: number;
  path: string;
  /** Subprotocols offered; PingMe takes the access token among them. */
  protocols?: string[];
  isDeflating?: boolean;
}

const headerEnd = "\r\n\r\n";
const text = 0x81; // a final text frame
const masked = 0x80; // by the key 0, which changes nothing: the server cannot tell

export class Socket {
  readonly #tcp: Tcp;
  #rest: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  /** Called for each message. */
  read: Reader = () => undefined;
  /** Called after each chunk of bytes: all messages in it have been read. */
  rested: () => void = () => undefined;
  closed: Promise<void>;
  isClosed = false;
  /** Of the server's close frame, when it has come. */
  closeCode: number | undefined;

  private constructor(tcp: Tcp) {
    this.#tcp = tcp;
    this.closed = new Promise((resolve) => {
      tcp.on("close", () => {
        this.isClosed = true;
        resolve();
      });
    });
    tcp.on("error", () => undefined); // the close that follows tells
  }

  /** @throws Error with the answer's first line, when it is no upgrade */
  static async open({ port, path, protocols = [], isDeflating = false }: Opening): Promise<Socket> {
    const tcp = connect({ port, host: "127.0.0.1", noDelay: true });
    const socket = new Socket(tcp);
    const offers = [
      ...(protocols.length > 0 ? [`Sec-WebSocket-Protocol: ${protocols.join(", ")}`] : []),
      ...(isDeflating ? ["Sec-WebSocket-Extensions: permessage-deflate"] : []),
    ];
    tcp.write(
      [
        `GET ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
        "Sec-WebSocket-Version: 13",
        ...offers,
        headerEnd.slice(2),
      ].join("\r\n"),
    );
    await socket.#upgraded();
    return socket;
  }

  #upgraded(): Promise<void> {
    return new Promise((resolve, reject) => {
      let answer = Buffer.alloc(0);
      const closed = () => reject(new Error("The upgrade was not answered"));
      const receive = (chunk: Buffer) => {
        answer = Buffer.concat([answer, chunk]);
        const end = answer.indexOf(headerEnd);
        if (end < 0) return;
        this.#tcp.off("data", receive);
        this.#tcp.off("close", closed);
        const head = answer.toString("latin1", 0, end);
        if (!head.startsWith("HTTP/1.1 101")) return reject(new Error(`No upgrade: ${head.split("\r\n", 1)[0]}`));
        this.#tcp.on("data", (next: Buffer) => this.#take(next));
        const behind = answer.subarray(end + headerEnd.length);
        // Whoever opened it sets its reader first.
        if (behind.length > 0) setImmediate(() => this.#take(behind));
        resolve();
      };
      this.#tcp.on("data", receive);
      this.#tcp.on("close", closed);
    });
  }

  #take(chunk: Buffer): void {
    const buffer = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    for (;;) {
      if (buffer.length - at < 2) break;
      const short = (buffer[at + 1] ?? 0) & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (buffer.length - at < head) break;
      const length =
        short === 127 ? Number(buffer.readBigUInt64BE(at + 2)) : short === 126 ? buffer.readUInt16BE(at + 2) : short;
      if (buffer.length - at < head + length) break;
      this.#frame(buffer, at, at + head, at + head + length);
      at += head + length;
    }
    this.#rest = buffer.subarray(at);
    this.rested();
  }

  #frame(buffer: Buffer, at: number, start: number, end: number): void {
    const first = buffer[at] ?? 0;
    const isFinal = (first & 0x80) !== 0;
    const opcode = first & 0x0f;
    if (opcode === 8 && end - start >= 2) this.closeCode = buffer.readUInt16BE(start);
    if (opcode > 2) return; // close, ping, pong: TCP's own end tells
    if (isFinal && opcode !== 0) return this.read(buffer, start, end);
    this.#parts.push(Buffer.from(buffer.subarray(start, end)));
    if (!isFinal) return;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.read(whole, 0, whole.length);
  }

  /** All in one write. */
  send(...texts: string[]): void {
    if (this.isClosed) return;
    this.#tcp.write(texts.length === 1 ? framed(texts[0] ?? "") : Buffer.concat(texts.map(framed)));
  }

  /** Reads nothing more, until {@link resume}. */
  stall(): void {
    this.#tcp.pause();
  }

  resume(): void {
    this.#tcp.resume();
  }

  end(): void {
    this.#tcp.destroy();
  }
}

function framed(content: string): Buffer {
  const length = Buffer.byteLength(content);
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(head + 4 + length);
  frame[0] = text;
  frame[1] = masked | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head === 4) frame.writeUInt16BE(length, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.write(content, head + 4, "utf8");
  return frame;
}
