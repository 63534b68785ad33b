/** Stands between clients and the server as a bad line does: it cuts, holds back, and says frames twice, both ways. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** What becomes of the next frame; `cut`: it is torn in two, and the line is gone. */
export type Mishap = "passed" | "twice" | "late" | "cut";

export interface BadLine {
  url: string;
  cuts: number;
  close(): void;
}

const latestMs = 20;

/** @param next what becomes of a frame, whichever way it goes */
export async function startProxy(targetPort: number, next: () => Mishap): Promise<BadLine> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const onward = connect(targetPort, "127.0.0.1");
    const ends = [client, onward];
    const end = () => {
      for (const socket of ends) socket.destroy();
    };
    for (const socket of ends) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    const mishap = () => {
      const what = next();
      if (what === "cut") proxy.cuts += 1;
      return what;
    };
    carry(client, onward, { mishap, end });
    carry(onward, client, { mishap, end });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const proxy: BadLine = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cuts: 0, close };
  return proxy;
}

interface Way {
  mishap(): Mishap;
  end(): void;
}

/** One direction: the head of the handshake as it is, then frame by frame, in order. */
function carry(from: Socket, to: Socket, { mishap, end }: Way): void {
  let bytes = Buffer.alloc(0);
  let partEnd = headEnd;
  let before = Promise.resolve();
  const pass = async (part: Buffer, what: Mishap) => {
    if (what === "late") await wait(Math.random() * latestMs);
    to.write(what === "cut" ? part.subarray(0, part.length / 2) : part);
    if (what === "twice") to.write(part);
    if (what === "cut") end();
  };
  from.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let at = partEnd(bytes); at > 0; at = partEnd(bytes)) {
      const part = bytes.subarray(0, at);
      const isHead = partEnd === headEnd;
      const what = !isHead && isText(part) ? mishap() : "passed";
      bytes = bytes.subarray(at);
      partEnd = frameEnd;
      before = before.then(() => pass(isHead ? uncompressed(part) : part, what));
    }
  });
}

/** Where the first part of the bytes ends; 0 where it is not all here. */
function headEnd(bytes: Buffer): number {
  const at = bytes.indexOf("\r\n\r\n");
  return at < 0 ? 0 : at + 4;
}

/** A compressed frame is told by those before it: said twice it would be garbage, which no line makes. */
function uncompressed(head: Buffer): Buffer {
  return Buffer.from(head.toString("latin1").replace(/^Sec-WebSocket-Extensions:.*\r\n/im, ""), "latin1");
}

function frameEnd(bytes: Buffer): number {
  if (bytes.length < 2) return 0;
  const short = bytes.readUInt8(1) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return 0;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const mask = bytes.readUInt8(1) & 0x80 ? 4 : 0;
  const end = start + mask + length;
  return bytes.length < end ? 0 : end;
}

function isText(frame: Buffer): boolean {
  return (frame.readUInt8(0) & 0x0f) === 1;
}
