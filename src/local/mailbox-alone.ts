import { parseArgs } from "node:util";
import { startMailbox } from "./mailbox.ts";
import { main, Refusal, say } from "./say.ts";
import { loopback } from "./server.ts";

/**
 * `npm run mailbox -- [--host ADDRESS] [--port 8791] [--smtp 8793]`: the mailbox of `npm start` by itself, for a server
 * that runs elsewhere and shall be tested. It shows every mail to everybody: never the mailbox of real people.
 */
await main(async () => {
  const { host, port, smtpPort } = read();
  const mailbox = await startMailbox({ host, port, smtpPort });
  say(
    `Mails to ${host}:${mailbox.smtpPort} (SMTP_SECURITY=none) are at http://${host}:${mailbox.port}; Ctrl-C ends it.`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
});

function read(): { host: string; port: number; smtpPort: number } {
  const text = (standard: string) => ({ type: "string", default: standard }) as const;
  const options = { host: text(loopback), port: text("8791"), smtp: text("8793") };
  const { values } = parseArgs({ options });
  const [port, smtpPort] = [Number(values.port), Number(values.smtp)];
  for (const one of [port, smtpPort]) {
    if (!Number.isInteger(one) || one < 0 || one > 65_535) throw new Refusal("--port and --smtp need a port's number");
  }
  return { host: values.host, port, smtpPort };
}
