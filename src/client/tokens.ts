/** The tokens of a session: the access token in memory, the refresh token in a {@link KeyStore} or the server's cookie. */
import type { TokenPair } from "../protocol/auth.ts";
import type { KeyStore } from "./api.ts";
import { isRefusal, PingMeError } from "./error.ts";
import type { Call } from "./rest.ts";

export interface TokensOptions {
  call: Call;
  /** Left out: the server keeps the refresh token in a cookie. */
  keys: KeyStore | undefined;
  /** Of the refresh token in `keys`. */
  key: string;
  /** One at a time of all who share `keys`, or the cookie. */
  exclusively: <T>(run: () => Promise<T>) => Promise<T>;
  /** The server takes the refresh token no more, or there is none. */
  onEnd: () => Promise<void>;
}

export interface Tokens {
  /** The user's id as the present access token has it. */
  readonly userId: string | undefined;
  /** @param refused one that the server has just turned down */
  access(refused?: string): Promise<string>;
  /** Those of a new session. */
  begin(pair: TokenPair): Promise<void>;
  /** Forgets them, also for others who share `keys`. */
  end(): Promise<void>;
  /** Forgets the access token: another has changed what is kept. */
  release(): void;
  /** Whether what is kept may not be what this one has last seen. */
  mayHaveChanged(): Promise<boolean>;
}

interface Held {
  access: string;
  userId: string;
  /** Renewed from then on, ms since 1970. */
  staleAt: number;
}

const marginMs = 60_000;

export function createTokens({ call, keys, key, exclusively, onEnd }: TokensOptions): Tokens {
  let held: Held | undefined;
  let renewing: Promise<string> | undefined;
  let seen: string | undefined;

  async function keep({ access_token, expires_in, refresh_token }: TokenPair): Promise<string> {
    const lifeMs = expires_in * 1000;
    const staleAt = Date.now() + lifeMs - Math.min(marginMs, lifeMs / 5);
    held = { access: access_token, userId: claimsOf(access_token).sub, staleAt };
    if (refresh_token) {
      seen = refresh_token;
      await keys?.set(key, refresh_token);
    }
    return access_token;
  }

  /** Another may have rotated it: it is read when it is one's turn. */
  async function renew(): Promise<string> {
    const before = held;
    try {
      const refresh_token = await keys?.get(key);
      if (keys && !refresh_token) throw signInFirst();
      const { tokens } = await twice(() => call("POST /auth/refresh", keys ? { body: { refresh_token } } : {}));
      if (held !== before) throw signInFirst();
      return await keep(tokens);
    } catch (error) {
      if (isRefusal(error, 401) && held === before) await onEnd();
      throw error;
    }
  }

  return {
    get userId() {
      return held?.userId;
    },
    async access(refused) {
      if (held && held.access !== refused && Date.now() < held.staleAt) return held.access;
      renewing ??= exclusively(renew).finally(() => {
        renewing = undefined;
      });
      return await renewing;
    },
    begin: async (pair) => void (await exclusively(() => keep(pair))),
    async end() {
      held = seen = undefined;
      await keys?.set(key, undefined);
    },
    release() {
      held = undefined;
    },
    mayHaveChanged: async () => !keys || (await keys.get(key)) !== seen,
  };
}

/** An answer that was lost is given again for a few seconds; later the old token would end the session. */
async function twice<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isRefusal(error, 0)) return await run();
    throw error;
  }
}

export function signInFirst(): PingMeError {
  return new PingMeError("Sign in first", { code: "AUTH_REQUIRED", status: 401 });
}

/** What an access token says of itself (RFC 7519): whose it is, and when it ends, in seconds since 1970. */
export function claimsOf(token: string): { sub: string; exp: number } {
  const claims = token.split(".")[1] ?? "";
  return JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
}
