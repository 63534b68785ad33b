/** Access tokens: JWT (RFC 7519), HS256 only, with the key's id in the header so that keys can be rotated. */
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Config } from "../protocol/config.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Actor } from "../protocol/users.ts";

const algorithm = "HS256";
const audience = "pingme";
const typ = "access";

const claims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.string(),
  name: z.string(),
  exp: z.int(),
  typ: z.literal(typ),
});

export interface Tokens {
  /** @throws Fault AUTH_FAILED for anything but a sound access token of ours that has not expired */
  verify(token: string): Promise<Actor>;
  issue(user: { id: string; name: string }, sessionId: string, now: number): Promise<string>;
}

export function connectTokens(config: Pick<Config, "JWT_KEYS" | "PUBLIC_URL">): Tokens {
  const imported = new Map<string, CryptoKey>();

  async function keyOf(kid: string | undefined): Promise<CryptoKey> {
    const known = imported.get(kid ?? "");
    if (known) return known;
    const entry = config.JWT_KEYS.find((key) => key.kid === kid);
    if (!entry) throw new errors.JWKSNoMatchingKey();
    const secret = new TextEncoder().encode(entry.secret);
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
      "verify",
    ]);
    imported.set(entry.kid, key);
    return key;
  }

  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, (header) => keyOf(header.kid), {
          algorithms: [algorithm],
          issuer: config.PUBLIC_URL,
          audience,
          typ: "JWT",
          requiredClaims: ["sub", "iat", "exp", "jti"],
        });
        const read = claims.safeParse(payload);
        if (!read.success) throw new errors.JWTClaimValidationFailed("not the claims of an access token", payload);
        const { sub, sid, jti, name, exp } = read.data;
        return { user_id: sub, user_name: name, session_id: sid, token_id: jti, expires_at: exp * 1000 };
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw new Fault("AUTH_FAILED", "The access token has expired");
        if (!(error instanceof errors.JOSEError)) throw error;
        throw new Fault("AUTH_FAILED", "The access token was not accepted");
      }
    },

    async issue(user, sessionId, now) {
      const kid = config.JWT_KEYS[0]?.kid ?? "";
      const seconds = Math.floor(now / 1000);
      return await new SignJWT({ name: user.name, sid: sessionId, typ })
        .setProtectedHeader({ alg: algorithm, kid, typ: "JWT" })
        .setSubject(user.id)
        .setIssuer(config.PUBLIC_URL)
        .setAudience(audience)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + limits.accessTokenMs / 1000)
        .setJti(crypto.randomUUID())
        .sign(await keyOf(kid));
    },
  };
}
