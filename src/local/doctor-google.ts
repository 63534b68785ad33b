import { z } from "zod";
import type { Config } from "../protocol/config.ts";
import type { Look } from "./doctor-look.ts";

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
});

export function googleLook({ GOOGLE_CLIENT_ID, GOOGLE_ISSUER, PUBLIC_URL }: Config): Look {
  return async (tell, signal) => {
    if (!GOOGLE_CLIENT_ID) return tell.hint("is not set up");
    const answer = await fetch(`${GOOGLE_ISSUER.replace(/\/$/, "")}/.well-known/openid-configuration`, { signal });
    const read = discovery.safeParse(await answer.json().catch(() => undefined));
    if (!read.success)
      return tell.wrong(
        `GOOGLE_ISSUER answers ${answer.status} and no discovery document: leave it out for Google's own`,
      );
    if (read.data.issuer !== GOOGLE_ISSUER)
      return tell.wrong(`GOOGLE_ISSUER calls itself ${read.data.issuer}: write it so`);
    const keys = await fetch(read.data.jwks_uri, { signal });
    await keys.body?.cancel();
    if (!keys.ok) return tell.wrong(`its keys answer ${keys.status}`);
    const redirect = new URL("/api/v1/auth/google/callback", PUBLIC_URL).href;
    tell.fine(`is there; its console must have the redirect URI ${redirect}`);
  };
}
