import type { Config } from "../protocol/config.ts";
import type { Look } from "./doctor-look.ts";
import { openSmtp, type Smtp } from "./smtp-dialogue.ts";

/** As far as AUTH; with an address, a letter to it. */
export function smtpLook(config: Config, mailTo?: string): Look {
  return async (tell, signal) => {
    const { SMTP_HOST: host, SMTP_PORT: port, SMTP_SECURITY: security, SMTP_USERNAME: username } = config;
    const smtp = await openSmtp({ host, port, security, signal });
    try {
      const offers = await smtp.greet();
      if (username && config.SMTP_PASSWORD) await signIn(smtp, offers, [username, config.SMTP_PASSWORD]);
      tell.fine(`${host}:${port} (${security}) ${username ? "takes the password" : "wants none"}`);
      if (mailTo === undefined) return;
      await send(smtp, { from: config.MAIL_FROM, to: mailTo });
      tell.fine(`took a letter to ${mailTo}: look whether it comes, and not among the spam`);
    } finally {
      smtp.close();
    }
  };
}

async function signIn(smtp: Smtp, offers: string[], [username, password]: [string, string]): Promise<void> {
  const methods = offers.find((line) => /^AUTH[ =]/i.test(line))?.toUpperCase() ?? "";
  const encoded = (text: string) => Buffer.from(text).toString("base64");
  const wrong = "SMTP_USERNAME and SMTP_PASSWORD are refused";
  if (methods.includes("PLAIN"))
    return void (await smtp.say(`AUTH PLAIN ${encoded(`\0${username}\0${password}`)}`, 2, wrong));
  if (!methods.includes("LOGIN")) throw new Error("it offers neither AUTH PLAIN nor LOGIN: is SMTP_SECURITY right?");
  await smtp.say("AUTH LOGIN", 3, wrong);
  await smtp.say(encoded(username), 3, wrong);
  await smtp.say(encoded(password), 2, wrong);
}

async function send(smtp: Smtp, { from, to }: { from: string; to: string }): Promise<void> {
  const address = /<([^<>]+)>/.exec(from)?.[1] ?? from;
  await smtp.say(`MAIL FROM:<${address}>`, 2, "MAIL_FROM is refused");
  await smtp.say(`RCPT TO:<${to}>`, 2, "the address of --mail-to is refused");
  await smtp.say("DATA", 3, "the letter is refused");
  const headers = [`From: ${from}`, `To: <${to}>`, "Subject: PingMe can mail", `Date: ${new Date().toUTCString()}`];
  await smtp.say(
    [...headers, "", "This letter was asked for by npm run doctor.", "."].join("\r\n"),
    2,
    "the letter is refused",
  );
}
