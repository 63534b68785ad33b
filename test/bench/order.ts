/**
 * Write, then tell: what workerd asks of the kernel for a lone message, for three in one array, and for one over REST.
 * Each is received, written, made durable by ONE fsync, and only then told. By strace; without it there is no proof.
 */
import { setTimeout as wait } from "node:timers/promises";
import { call, group } from "./people.ts";
import type { Product } from "./product.ts";
import { Socket } from "./socket.ts";
import { straced } from "./strace.ts";

export interface Proof {
  name: string;
  /** Condensed: what repeats is counted. */
  trace: string[];
  isInOrder: boolean;
}

const traced = "recvfrom,sendto,write,writev,pwrite64,fsync,fdatasync";

/** A room of three: two on its own address, one on their user socket. Nothing else goes on while one is traced. */
export async function order(product: Product): Promise<Proof[]> {
  const { id, people } = await group(product, 3);
  const open = (index: number, protocol: string, path: string) =>
    Socket.open({ port: product.port, path: `/api/v1${path}`, protocols: [protocol, people[index]?.token ?? ""] });
  const room = `/conversations/${id}/ws`;
  const sockets = [await open(0, "pingme.batch", room), await open(1, "pingme", room), await open(2, "pingme", "/ws")];
  const [batch] = sockets;
  let heard = 0;
  for (const socket of sockets) {
    socket.read = (buffer, start, end) => {
      heard += buffer.toString("utf8", start, end).split('"type":"message"').length - 1;
    };
  }
  const message = (content: string) => `{"type":"message","content":"${content}"}`;
  const until = async (count: number) => {
    for (let tries = 0; heard < count && tries < 1_000; tries++) await wait(5);
    heard = 0;
  };
  batch?.send(message("the first one wakes all"));
  await until(3);
  const proofs: Proof[] = [];
  const prove = async (name: string, count: number, act: () => void) => {
    await wait(3_500); // its drain, and the fan-out's cursor after it, are over
    const lines = await straced(product.workerd(), traced, async () => {
      act();
      await until(3 * count);
    });
    proofs.push({ name, ...judge(lines) });
  };
  await prove("a lone message", 1, () => batch?.send(message("TRACED")));
  await prove("three in one array", 3, () => batch?.send(`[${Array(3).fill(message("TRACED")).join(",")}]`));
  await prove("one over REST", 1, () => {
    void call(product, people[1], "POST", `/conversations/${id}/messages`, { content: "TRACED" });
  });
  for (const socket of sockets) socket.end();
  return proofs;
}

type Step = "received" | "database write" | "fsync" | "told a socket" | "answered REST";

function stepOf(line: string): Step | undefined {
  if (/recvfrom\(/.test(line) && line.includes("TRACED")) return "received";
  if (/POST \/api\/v1\//.test(line) && /recvfrom\(/.test(line)) return "received";
  if (/pwrite64\(/.test(line)) return "database write";
  if (/f(data)?sync\(/.test(line) && !line.includes("resumed")) return "fsync";
  if (/(sendto|writev|write)\(/.test(line) && line.includes("HTTP/1.1 201")) return "answered REST";
  if (/sendto\(/.test(line) && /TRACED|\\"type\\":\\"message\\"/.test(line)) return "told a socket";
  return undefined;
}

function judge(lines: string[]): Pick<Proof, "trace" | "isInOrder"> {
  const steps = lines.map(stepOf).filter((step) => step !== undefined);
  const told = steps.findIndex((step) => step === "told a socket" || step === "answered REST");
  const isInOrder =
    steps[0] === "received" &&
    steps.filter((step) => step === "fsync").length === 1 &&
    steps.lastIndexOf("database write") < steps.indexOf("fsync") &&
    steps.indexOf("fsync") < told;
  const trace: string[] = [];
  for (let at = 0; at < steps.length; ) {
    let end = at;
    while (steps[end] === steps[at]) end++;
    trace.push(end - at === 1 ? `${steps[at]}` : `${steps[at]} x ${end - at}`);
    at = end;
  }
  return { trace, isInOrder };
}
