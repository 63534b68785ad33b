import { createServer } from "node:http";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import { mailboxPage } from "./mailbox-page.ts";
import { say } from "./say.ts";
import { answerJson, type Backend, closeHttp, listen, loopback } from "./server.ts";

export interface Mail {
  to: string;
  subject: string;
  text: string;
  html?: string;
  received_at: string;
}

export interface Mailbox extends Backend {
  url: string;
  smtpPort: number;
}

interface Options {
  port: number;
  smtpPort: number;
  /** Where to listen; on this machine alone if not given. */
  host?: string;
  isQuiet?: boolean;
}

/** The newest so many are kept, in memory. */
const capacity = 1_000;

/** Takes every mail sent to it over SMTP and shows it: a page at `/`, JSON at `/api/mails?to=`, a line on the console. */
export async function startMailbox(options: Options): Promise<Mailbox> {
  const { host = loopback } = options;
  const mails: Mail[] = [];
  const keep = (mail: Mail) => {
    mails.push(mail);
    if (mails.length > capacity) mails.shift();
    if (!options.isQuiet) say(lineOf(mail));
  };
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://mailbox");
    const to = url.searchParams.get("to")?.toLowerCase();
    const found = mails.filter((mail) => to === undefined || mail.to === to);
    if (url.pathname === "/api/mails") return answerJson(response, 200, found);
    if (url.pathname !== "/") return answerJson(response, 404, { message: "/ or /api/mails?to=" });
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
    response.end(mailboxPage(found.toReversed()));
  });
  const smtp = openSmtp(keep);
  const port = await listen(http, options.port, "mailbox", host);
  const smtpPort = await listen(smtp.server, options.smtpPort, "SMTP", host);
  const closeSmtp = () => new Promise<void>((resolve) => smtp.close(() => resolve()));
  const close = async () => {
    await Promise.all([closeHttp(http), closeSmtp()]);
  };
  return { port, smtpPort, url: `http://${loopback}:${port}`, close };
}

/** Mails hold what strangers wrote: the page runs no script and loads nothing. */
const policy = "default-src 'none'; style-src 'unsafe-inline'";

function openSmtp(keep: (mail: Mail) => void): SMTPServer {
  const smtp = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ["STARTTLS"],
    closeTimeout: 200,
    size: 1024 * 1024,
    onAuth: (_auth, _session, done) => done(null, { user: "anyone" }),
    onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map(({ address }) => address.toLowerCase());
      read(stream)
        .then((mail) => {
          for (const to of recipients) keep({ to, ...mail });
          done();
        })
        .catch(done);
    },
  });
  // A client that goes away in the middle of a mail is its own affair.
  smtp.on("error", () => undefined);
  return smtp;
}

async function read(stream: AsyncIterable<Buffer>): Promise<Omit<Mail, "to">> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const { subject = "", text = "", html } = await PostalMime.parse(Buffer.concat(chunks));
  return { subject, text, ...(html ? { html } : {}), received_at: new Date().toISOString() };
}

function lineOf(mail: Mail): string {
  const code = /\b(\d{8}|\d{6})\b/.exec(`${mail.subject}\n${mail.text}`)?.[1];
  return `mail to ${mail.to}: ${mail.subject}${code ? ` (code ${code})` : ""}`;
}
