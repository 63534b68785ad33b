/** A client's side of SMTP (RFC 5321) as Node has it: one line there, one reply back. */
import { once } from "node:events";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

interface Place {
  host: string;
  port: number;
  security: "tls" | "starttls" | "none";
  signal: AbortSignal;
}

export interface Smtp {
  /** EHLO, under TLS where that was asked for. @returns what the server offers */
  greet(): Promise<string[]>;
  /** @throws with `wrong` where the reply is not of the class: 2 done, 3 go on */
  say(line: string, expected: 2 | 3, wrong: string): Promise<string[]>;
  close(): void;
}

/** @throws where nobody is there, or nobody who speaks SMTP */
export async function openSmtp({ host, port, security, signal }: Place): Promise<Smtp> {
  // Certificates are for names (RFC 6066).
  const named = isIP(host) ? {} : { servername: host };
  const open = (): Socket => (security === "tls" ? connectTls({ host, port, ...named }) : connectPlain({ host, port }));
  let socket = open();
  const end = () => socket.destroy();
  signal.addEventListener("abort", end);
  await replyOf(socket, 2, "it greets with something else than SMTP: are SMTP_PORT and SMTP_SECURITY right?");

  async function say(line: string, expected: 2 | 3, wrong: string): Promise<string[]> {
    socket.write(`${line}\r\n`);
    return await replyOf(socket, expected, wrong);
  }

  async function greet(): Promise<string[]> {
    const offers = await say("EHLO pingme", 2, "EHLO is refused");
    if (security !== "starttls") return offers;
    await say("STARTTLS", 2, "STARTTLS is not offered: set SMTP_SECURITY to tls, with the port for it");
    socket = connectTls({ socket, ...named });
    await once(socket, "secureConnect");
    return await say("EHLO pingme", 2, "EHLO is refused");
  }

  return { greet, say, close: end };
}

/** All lines of one reply, without their code. */
async function replyOf(socket: Socket, expected: 2 | 3, wrong: string): Promise<string[]> {
  let text = "";
  const closed = once(socket, "close").then(() =>
    Promise.reject(new Error("it hangs up: are SMTP_PORT and SMTP_SECURITY right?")),
  );
  closed.catch(() => undefined);
  while (!/^\d{3}( .*)?\r?\n$/m.test(text.slice(text.lastIndexOf("\n", text.length - 2) + 1))) {
    const [chunk] = await Promise.race([once(socket, "data"), closed]);
    text += String(chunk);
    if (!/^\d{3}[ -]/.test(text)) throw new Error(wrong);
  }
  if (Number(text[0]) !== expected) throw new Error(`${wrong} (${text.slice(0, 3)})`);
  return text.split(/\r?\n/).map((line) => line.slice(4));
}
