/**
 * One letter over SMTP (RFC 5321). The dialogue is ours and not worker-mailer's: version 1.2.1 never leaves its reading
 * loop when the server closes the connection, which stops the whole isolate, and it goes on in clear, password and all,
 * where STARTTLS was asked for and is not offered. The letter itself is put together by worker-mailer.
 */
import { connect } from "cloudflare:sockets";
import { Email } from "worker-mailer";
import type { Config } from "../protocol/config.ts";
import type { Letter } from "../protocol/letters.ts";

export type SmtpConfig = Pick<Config, "SMTP_HOST" | "SMTP_PORT" | "SMTP_SECURITY" | "SMTP_USERNAME" | "SMTP_PASSWORD">;

export interface Sender {
  name: string;
  email: string;
}

/** Its message names the step and the reply's code, nothing that was sent. */
export class SmtpFailure extends Error {
  readonly step: string;
  /** The server's reply, 0 where there was none. */
  readonly code: number;

  constructor(step: string, code = 0) {
    super(`${step} failed with ${code || "no reply"}`);
    this.name = "SmtpFailure";
    this.step = step;
    this.code = code;
  }

  /** A 5xx stays what it is however often one asks. */
  get isLasting(): boolean {
    return this.code >= 500;
  }
}

interface Reply {
  code: number;
  lines: string[];
}

class SmtpConnection {
  #socket: Socket;
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #buffered = "";

  constructor(config: SmtpConfig) {
    const secureTransport =
      config.SMTP_SECURITY === "tls" ? "on" : config.SMTP_SECURITY === "starttls" ? "starttls" : "off";
    const address = { hostname: config.SMTP_HOST, port: config.SMTP_PORT };
    this.#socket = connect(address, { secureTransport, allowHalfOpen: false });
    this.#reader = this.#socket.readable.getReader();
    this.#writer = this.#socket.writable.getWriter();
  }

  async #line(step: string): Promise<string> {
    for (;;) {
      const end = this.#buffered.indexOf("\n");
      if (end >= 0) {
        const line = this.#buffered.slice(0, end).replace(/\r$/, "");
        this.#buffered = this.#buffered.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#reader.read();
      if (done || this.#buffered.length > 65_536) throw new SmtpFailure(step);
      this.#buffered += new TextDecoder().decode(value);
    }
  }

  /** @throws SmtpFailure where the reply is not of the class that was expected: 2 done, 3 go on */
  async expect(step: string, expected: 2 | 3): Promise<Reply> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.#line(step);
      lines.push(line.slice(4));
      if (/^\d{3}-/.test(line)) continue;
      const code = Number(/^\d{3}(?= |$)/.exec(line)?.[0] ?? 0);
      if (Math.floor(code / 100) !== expected) throw new SmtpFailure(step, code);
      return { code, lines };
    }
  }

  async say(step: string, text: string, expected: 2 | 3): Promise<Reply> {
    await this.#writer.write(new TextEncoder().encode(`${text}\r\n`));
    return await this.expect(step, expected);
  }

  secure(): void {
    // What came in clear after the reply to STARTTLS was put there by somebody in between.
    if (this.#buffered !== "") throw new SmtpFailure("STARTTLS");
    this.#reader.releaseLock();
    this.#writer.releaseLock();
    this.#socket = this.#socket.startTls();
    this.#reader = this.#socket.readable.getReader();
    this.#writer = this.#socket.writable.getWriter();
  }

  /** Ends without waiting for the farewell: what matters was answered. */
  close(): void {
    this.#writer.write(new TextEncoder().encode("QUIT\r\n")).catch(() => undefined);
    // Never awaited: after startTls() the promise of close() does not settle.
    this.#socket.close().catch(() => undefined);
  }
}

async function signIn(smtp: SmtpConnection, config: SmtpConfig, offers: string[]): Promise<void> {
  const { SMTP_USERNAME: username, SMTP_PASSWORD: password } = config;
  if (username === undefined || password === undefined) return;
  const methods =
    offers
      .find((line) => /^AUTH[ =]/i.test(line))
      ?.toUpperCase()
      .split(/[ =]/) ?? [];
  const encode = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  if (methods.includes("PLAIN")) {
    await smtp.say("AUTH", `AUTH PLAIN ${encode(`\0${username}\0${password}`)}`, 2);
  } else {
    await smtp.say("AUTH", "AUTH LOGIN", 3);
    await smtp.say("AUTH", encode(username), 3);
    await smtp.say("AUTH", encode(password), 2);
  }
}

async function dialogue(smtp: SmtpConnection, config: SmtpConfig, from: Sender, letter: Letter): Promise<void> {
  const hello = `EHLO ${from.email.split("@")[1]}`;
  await smtp.expect("greeting", 2);
  let offers = (await smtp.say("EHLO", hello, 2)).lines;
  if (config.SMTP_SECURITY === "starttls") {
    await smtp.say("STARTTLS", "STARTTLS", 2);
    smtp.secure();
    offers = (await smtp.say("EHLO", hello, 2)).lines;
  }
  await signIn(smtp, config, offers);
  await smtp.say("MAIL", `MAIL FROM:<${from.email}>`, 2);
  await smtp.say("RCPT", `RCPT TO:<${letter.to}>`, 2);
  await smtp.say("DATA", "DATA", 3);
  const data = new Email({
    from,
    to: letter.to,
    subject: letter.subject,
    text: letter.text,
    html: letter.html,
  }).getEmailData();
  await smtp.say("body", data.replace(/\r\n$/, ""), 2);
}

/** @throws SmtpFailure where the server refused, closed or did not come to an end in time */
export async function sendBySmtp(config: SmtpConfig, from: Sender, letter: Letter, timeoutMs: number): Promise<void> {
  if (/[\r\n<>\s]/.test(letter.to) || /[\r\n]/.test(letter.subject)) throw new SmtpFailure("letter", 553);
  const smtp = new SmtpConnection(config);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SmtpFailure("timeout")), timeoutMs);
  });
  try {
    await Promise.race([dialogue(smtp, config, from, letter), late]);
  } finally {
    clearTimeout(timer ?? null);
    smtp.close();
  }
}
