/** The embedded FCM's token endpoint: the JWT-bearer grant of a service account (RFC 7523, 2.1). */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, jwtVerify } from "jose";
import { z } from "zod";
import { fcmEmail, publicKeyOf } from "./fcm-account.ts";
import { answerJson, readForm } from "./server.ts";

const grant = z.object({
  grant_type: z.literal("urn:ietf:params:oauth:grant-type:jwt-bearer"),
  assertion: z.string(),
});
const claims = z.object({
  scope: z.literal("https://www.googleapis.com/auth/firebase.messaging"),
  iat: z.int(),
  exp: z.int(),
});

/** As Google: an assertion lives an hour at most, the token it gives a second less. */
const assertionSeconds = 3_600;
const tokenSeconds = 3_599;
/** The newest so many tokens are good. */
const capacity = 10_000;

export interface FcmAccess {
  give(request: IncomingMessage, response: ServerResponse): Promise<void>;
  isGood(authorization: string | undefined): boolean;
}

export function makeFcmAccess(key: string, tokenUri: () => string): FcmAccess {
  const publicKey = publicKeyOf(key);
  const given = new Map<string, number>();

  async function isSound(assertion: string): Promise<boolean> {
    try {
      const expected = { algorithms: ["RS256"], issuer: fcmEmail, audience: tokenUri() };
      const { payload } = await jwtVerify(assertion, publicKey, expected);
      const { data } = claims.safeParse(payload);
      return data !== undefined && data.exp - data.iat <= assertionSeconds && data.iat * 1_000 <= Date.now();
    } catch (error) {
      if (error instanceof errors.JOSEError) return false;
      throw error;
    }
  }

  return {
    async give(request, response) {
      const form = grant.safeParse(Object.fromEntries(await readForm(request)));
      if (!form.success) return answerJson(response, 400, { error: "unsupported_grant_type" });
      if (!(await isSound(form.data.assertion))) return answerJson(response, 400, { error: "invalid_grant" });
      const token = randomBytes(32).toString("base64url");
      given.set(token, Date.now() + tokenSeconds * 1_000);
      const [oldest] = given.keys();
      if (given.size > capacity && oldest !== undefined) given.delete(oldest);
      answerJson(response, 200, { access_token: token, expires_in: tokenSeconds, token_type: "Bearer" });
    },
    isGood(authorization) {
      const token = /^Bearer (\S+)$/.exec(authorization ?? "")?.[1] ?? "";
      return (given.get(token) ?? 0) > Date.now();
    },
  };
}
