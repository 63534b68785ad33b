import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { JWTPayload } from "jose";
import { authorize } from "./google-authorize.ts";
import { makeAccounts, makeCodes } from "./google-grants.ts";
import { type GoogleKeys, makeGoogleKeys } from "./google-keys.ts";
import { token } from "./google-token.ts";
import { answerJson, type Backend, closeHttp, listen, loopback } from "./server.ts";

export interface Google extends Backend {
  issuer: string;
  keys: GoogleKeys;
}

/** How an instance that a test starts may be wrong; `npm start` gives none. */
export interface Mischief {
  /** Before anything else; true where it has answered. */
  answer?(path: string, response: ServerResponse): boolean;
  /** The id token in place of the sound one. */
  idToken?(claims: JWTPayload, keys: GoogleKeys): Promise<string>;
}

type Handler = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void | Promise<void>;

/** Stands in for Google: OpenID Connect's discovery, authorization with a page to choose who to be, tokens and keys. */
export async function startGoogle({ port, mischief = {} }: { port: number; mischief?: Mischief }): Promise<Google> {
  const [keys, accounts, codes] = [await makeGoogleKeys(), makeAccounts(), makeCodes()];
  const sign = (claims: JWTPayload) => mischief.idToken?.(claims, keys) ?? keys.sign(claims);
  const issued: Handler = (request, response) => token({ issuer, codes, sign }, request, response);
  const asked: Handler = (request, response, query) => authorize({ accounts, codes }, request, response, query);
  const table: Record<string, Handler> = {
    "GET /.well-known/openid-configuration": (_, response) => answerJson(response, 200, discoveryOf(issuer)),
    "GET /authorize": asked,
    "POST /authorize": asked,
    "POST /token": issued,
    "GET /certs": (_, response) => answerJson(response, 200, { keys: keys.published() }),
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://google");
    if (mischief.answer?.(pathname, response)) return;
    const handle = table[`${request.method} ${pathname}`];
    if (!handle) return answerJson(response, 404, { error: "not_found" });
    Promise.resolve(handle(request, response, searchParams)).catch((error: Error) => {
      // A client that went away hears nothing.
      answerJson(response.setHeader("connection", "close"), error instanceof RangeError ? 413 : 500, {
        error: "failed",
      });
    });
  });
  const bound = await listen(server, port, "Google");
  const issuer = `http://${loopback}:${bound}`;
  return { port: bound, issuer, keys, close: () => closeHttp(server) };
}

function discoveryOf(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/certs`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_post"],
    code_challenge_methods_supported: ["S256"],
    scopes_supported: ["openid", "email", "profile"],
  };
}
