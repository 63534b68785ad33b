/** Mail. A letter leaves after the answer, is tried again where the failure may pass, and its failure is logged and shown. */
import { log } from "../log.ts";
import type { Config } from "../protocol/config.ts";
import type { Letter } from "../protocol/letters.ts";
import { limits } from "../protocol/limits.ts";
import { type Sender, type SmtpConfig, SmtpFailure, sendBySmtp } from "./smtp.ts";

/** Of this isolate, for `/ready`. */
export interface MailState {
  /** Letters that could not be sent since the last one that was. */
  failures: number;
  /** ms since 1970 */
  failed_at?: number;
}

export interface Mail {
  /** Never throws: a letter that cannot be sent is logged and counted. */
  send(letter: Letter, requestId: string): Promise<void>;
  state(): MailState;
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

export function connectMail(config: SmtpConfig & Pick<Config, "MAIL_FROM">): Mail {
  const sender = senderOf(config.MAIL_FROM);
  let state: MailState = { failures: 0 };

  return {
    async send(letter, requestId) {
      for (let tries = 1; ; tries++) {
        const failure = await attempt(config, sender, letter);
        if (!failure) {
          state = { failures: 0 };
          return;
        }
        const { step, code } = failure;
        const isLast = failure.isLasting || tries >= limits.mailTries;
        log(isLast ? "error" : "warn", "mail_failed", { request_id: requestId, step, code, tries });
        if (isLast) {
          // A mailbox that refuses its letter says nothing about the server.
          const isMailbox = step === "RCPT" && failure.isLasting;
          if (!isMailbox) state = { failures: state.failures + 1, failed_at: Date.now() };
          return;
        }
        await scheduler.wait(limits.mailRetryMs * tries);
      }
    },
    state: () => state,
  };
}
