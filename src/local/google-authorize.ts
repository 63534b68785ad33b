/** The embedded Google's authorization endpoint (OpenID Connect Core 1.0, 3.1.2). */
import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { email } from "../protocol/auth.ts";
import { googleCallbackPath } from "../protocol/google.ts";
import { googleClient } from "./google-client.ts";
import type { Account, Accounts, Codes } from "./google-grants.ts";
import { googlePage } from "./google-page.ts";
import { answerJson, readForm } from "./server.ts";

/** PingMe under any name: that of a developer's machine in their network, too. */
const redirectUri = z
  .url({ protocol: /^https?$/ })
  .refine((text) => URL.parse(text)?.pathname === googleCallbackPath, { error: "is not PingMe's callback" });

const question = z.object({
  client_id: z.literal(googleClient.id),
  redirect_uri: redirectUri,
  response_type: z.literal("code"),
  scope: z.string().refine((text) => text.split(" ").includes("openid"), { error: "lacks openid" }),
  code_challenge: z.string().regex(/^[\w-]{43}$/),
  code_challenge_method: z.literal("S256"),
  state: z.string().optional(),
  nonce: z.string().optional(),
  prompt: z.string().optional(),
  login_hint: z.string().optional(),
});
type Question = z.infer<typeof question>;

const choice = z.union([
  z.object({ cancel: z.string() }).transform(() => undefined),
  z.object({ email, name: z.string().max(200).default("") }),
]);

/** No `form-action`: a browser holds to it also where a form's answer sends it on to, and that is PingMe's page. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

interface Place {
  accounts: Accounts;
  codes: Codes;
}

/** Asked: the page. Asked with `prompt=none&login_hint=<e-mail>`, or the page's form: back to PingMe. */
export async function authorize(
  { accounts, codes }: Place,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  const asked = question.safeParse(Object.fromEntries(query));
  if (!asked.success) return refuse(response, z.prettifyError(asked.error));
  const { prompt, login_hint } = asked.data;
  if (request.method === "POST") {
    const chosen = choice.safeParse(Object.fromEntries(await readForm(request)));
    if (!chosen.success) return refuse(response, "This is no e-mail address");
    const account = chosen.data && accounts.use(chosen.data.email, chosen.data.name);
    return sendBack(response, 303, back(asked.data, codes, account ?? "access_denied"));
  }
  if (prompt === "none") {
    const hint = email.safeParse(login_hint);
    const account = hint.success ? accounts.use(hint.data, "") : "login_required";
    return sendBack(response, 302, back(asked.data, codes, account));
  }
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
  response.end(googlePage(accounts.seen()));
}

/** Never to an address that is not PingMe's. */
function refuse(response: ServerResponse, why: string): void {
  answerJson(response, 400, { error: "invalid_request", error_description: why });
}

function back(asked: Question, codes: Codes, outcome: Account | string): URL {
  const { redirect_uri: redirectUri, code_challenge: challenge, nonce, state } = asked;
  const url = new URL(redirectUri);
  if (typeof outcome === "string") url.searchParams.set("error", outcome);
  else url.searchParams.set("code", codes.give({ account: outcome, redirectUri, challenge, nonce }));
  if (state !== undefined) url.searchParams.set("state", state);
  return url;
}

function sendBack(response: ServerResponse, status: 302 | 303, url: URL): void {
  response.writeHead(status, { location: url.href, "cache-control": "no-store" }).end();
}
