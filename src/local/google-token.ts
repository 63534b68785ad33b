/** The embedded Google's token endpoint (RFC 6749, 4.1.3; RFC 7636, 4.6). */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { JWTPayload } from "jose";
import { z } from "zod";
import { googleClient } from "./google-client.ts";
import type { Codes, Grant } from "./google-grants.ts";
import { answerJson, readForm } from "./server.ts";

const credentials = z.object({ client_id: z.literal(googleClient.id), client_secret: z.literal(googleClient.secret) });
const exchange = z.object({
  grant_type: z.literal("authorization_code"),
  code: z.string(),
  redirect_uri: z.string(),
  code_verifier: z.string(),
});
type Exchange = z.infer<typeof exchange>;

const idTokenSeconds = 3_600;

interface Place {
  issuer: string;
  codes: Codes;
  sign(claims: JWTPayload): Promise<string>;
}

export async function token(place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = Object.fromEntries(await readForm(request));
  if (!credentials.safeParse(form).success) return answerJson(response, 401, { error: "invalid_client" });
  const given = exchange.safeParse(form);
  if (!given.success) return answerJson(response, 400, { error: "invalid_request" });
  const grant = place.codes.take(given.data.code);
  if (!grant || !isFor(grant, given.data)) return answerJson(response, 400, { error: "invalid_grant" });
  answerJson(response, 200, {
    access_token: randomBytes(32).toString("base64url"),
    token_type: "Bearer",
    expires_in: idTokenSeconds,
    scope: "openid email profile",
    id_token: await place.sign(claimsOf(place.issuer, grant)),
  });
}

function isFor(grant: Grant, given: Exchange): boolean {
  const challenge = createHash("sha256").update(given.code_verifier).digest("base64url");
  return grant.challenge === challenge && grant.redirectUri === given.redirect_uri;
}

function claimsOf(issuer: string, { account, nonce }: Grant): JWTPayload {
  const seconds = Math.floor(Date.now() / 1_000);
  return {
    iss: issuer,
    azp: googleClient.id,
    aud: googleClient.id,
    ...account,
    email_verified: true,
    ...(nonce === undefined ? {} : { nonce }),
    iat: seconds,
    exp: seconds + idTokenSeconds,
  };
}
