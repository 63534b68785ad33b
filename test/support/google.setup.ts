/** A Google that is as wrong as a test tells it to be. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportSPKI, generateKeyPair, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { type Google, startGoogle } from "../../src/local/google.ts";
import type { GoogleKeys } from "../../src/local/google-keys.ts";
import { answerJson, closeHttp, listen, readBody } from "../../src/local/server.ts";
import type { GoogleProvided, Wrong } from "./google-wrong.ts";

type Signed = NonNullable<Wrong["signed"]>;
type Sign = (claims: JWTPayload, keys: GoogleKeys) => Promise<string>;

const kidOf = (keys: GoogleKeys) => keys.published()[0]?.kid ?? "";

async function byStranger(claims: JWTPayload, kid: string): Promise<string> {
  const { privateKey } = await generateKeyPair("RS256");
  return await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid, typ: "JWT" }).sign(privateKey);
}

const signers: Record<Signed, Sign> = {
  not: async (claims) => new UnsecuredJWT(claims).encode(),
  "by public key": async (claims, keys) => {
    const key = await importJWK(keys.published()[0] ?? {}, "RS256", { extractable: true });
    if (key instanceof Uint8Array) throw new Error("The published key is no public key");
    const secret = new TextEncoder().encode(await exportSPKI(key));
    return await new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: kidOf(keys), typ: "JWT" }).sign(secret);
  },
  "by a stranger": (claims, keys) => byStranger(claims, kidOf(keys)),
  "by nobody known": (claims) => byStranger(claims, "nobody"),
  "by a new key": async (claims, keys) => {
    await keys.rotate();
    return await keys.sign(claims);
  },
};

function changed(claims: JWTPayload, changes: Record<string, unknown>): JWTPayload {
  return Object.fromEntries(Object.entries({ ...claims, ...changes }).filter(([, value]) => value !== null));
}

export async function startWrongGoogle(): Promise<{ provided: GoogleProvided; close(): Promise<void> }> {
  let wrong: Wrong = {};
  const asked: Record<string, number> = {};
  const google: Google = await startGoogle({
    port: 0,
    mischief: {
      answer(path, response) {
        asked[path] = (asked[path] ?? 0) + 1;
        const told = wrong.at?.[path];
        if (!told) return false;
        if (told.location) response.setHeader("location", told.location);
        if (told.status === undefined) response.destroy();
        else answerJson(response, told.status, told.body);
        return true;
      },
      idToken(claims, keys) {
        const told = changed(claims, wrong.claims ?? {});
        return wrong.signed ? signers[wrong.signed](told, keys) : keys.sign(told);
      },
    },
  });
  const control = createServer(async (request, response) => {
    if (request.method === "PUT") wrong = JSON.parse(await readBody(request));
    answerJson(response, 200, asked);
  });
  await listen(control, 0, "control");
  const { port } = control.address() as AddressInfo;
  return {
    provided: { issuer: google.issuer, control: `http://127.0.0.1:${port}` },
    close: async () => {
      await Promise.all([google.close(), closeHttp(control)]);
    },
  };
}
