/** Mail. A letter leaves after the answer, is tried again where the failure may pass, and its failure is logged and shown. */
import { log } from "../log.ts";
import type { Config } from "../protocol/config.ts";
import type { Letter } from "../protocol/letters.ts";
import { limits } from "../protocol/limits.ts";
import type { Failures, Outages } from "./outages.ts";
import { type Sender, type SmtpConfig, SmtpFailure, sendBySmtp } from "./smtp.ts";

export interface Mail {
  /** Never throws: a letter that cannot be sent is logged and counted. */
  send(letter: Letter, requestId: string): Promise<void>;
  /** Of all isolates; where Redis is away, of this one. */
  state(): Promise<Failures>;
}

function senderOf(text: string): Sender {
  const [, name = "", email = text] = /^\s*"?([^"<]*?)"?\s*<([^<>\s]+)>\s*$/.exec(text) ?? [];
  return { name, email: email.trim() };
}

/** How an attempt ended: what did not come from the server's refusal of this one letter is the backend's failure. */
async function attempt(config: SmtpConfig, sender: Sender, letter: Letter): Promise<SmtpFailure | undefined> {
  try {
    await sendBySmtp(config, sender, letter, limits.mailTryMs);
    return undefined;
  } catch (error) {
    // The platform's errors of sockets have no class of their own.
    return error instanceof SmtpFailure ? error : new SmtpFailure("connection");
  }
}

export function connectMail(config: SmtpConfig & Pick<Config, "MAIL_FROM">, outages: Outages): Mail {
  const sender = senderOf(config.MAIL_FROM);
  let own: Failures = { failures: 0 };

  return {
    async send(letter, requestId) {
      for (let tries = 1; ; tries++) {
        const failure = await attempt(config, sender, letter);
        if (!failure) {
          own = { failures: 0 };
          await outages.clear();
          return;
        }
        const { step, code } = failure;
        const isLast = failure.isLasting || tries >= limits.mailTries;
        log(isLast ? "error" : "warn", "mail_failed", { request_id: requestId, step, code, tries });
        if (isLast) {
          // A mailbox that refuses its letter says nothing about the server.
          const isMailbox = step === "RCPT" && failure.isLasting;
          if (isMailbox) return;
          const now = Date.now();
          own = { failures: own.failures + 1, failed_at: now };
          await outages.report(now);
          return;
        }
        await scheduler.wait(limits.mailRetryMs * tries);
      }
    },
    state: () => outages.read().catch(() => own),
  };
}
