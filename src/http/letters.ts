/** How letters leave: in whose language, and after the answer. */
import { connect } from "../connect.ts";
import { languageOf, letterOf, type Notice } from "../core/letters.ts";
import type { Credentials } from "../db/users.ts";
import type { Language, Letter } from "../protocol/letters.ts";
import { limits } from "../protocol/limits.ts";
import type { Settings } from "../protocol/users.ts";
import type { AppContext } from "./context.ts";

/** The language of letters: what the account has chosen, else the browser's. */
export function languageFor(c: AppContext, settings?: Settings): Language {
  return settings?.language ?? languageOf(c.req.header("Accept-Language"));
}

/** A letter leaves after the answer is out, so that its time tells nothing. */
export function sendLater(c: AppContext, letter: Letter): void {
  const { mail } = connect(c.env);
  const sent = scheduler.wait(limits.mailAfterMs).then(() => mail.send(letter, c.get("requestId")));
  c.executionCtx.waitUntil(sent);
}

/** Tells an account that something was done. */
export function sendNotice(c: AppContext, notice: Notice, to: Pick<Credentials, "email" | "settings">): void {
  sendLater(c, letterOf(notice, to.email, languageFor(c, to.settings)));
}
