import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

/** The keys of the embedded Google: made when it starts, kept nowhere. */
export interface GoogleKeys {
  /** The newest, which signs, first; the one before it stays good. */
  published(): JWK[];
  rotate(): Promise<void>;
  sign(claims: JWTPayload): Promise<string>;
}

const algorithm = "RS256";

interface Key {
  secret: CryptoKey;
  jwk: JWK & { kid: string };
}

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm);
  const kid = crypto.randomUUID();
  return { secret: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" } };
}

export async function makeGoogleKeys(): Promise<GoogleKeys> {
  let newest = await newKey();
  let before: Key | undefined;
  return {
    published: () => [newest, ...(before ? [before] : [])].map(({ jwk }) => jwk),
    async rotate() {
      before = newest;
      newest = await newKey();
    },
    sign: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid: newest.jwk.kid, typ: "JWT" }).sign(newest.secret),
  };
}
