/** Who is signed in here, over restarts and in all tabs. */
import type { TokenPair } from "../protocol/auth.ts";
import type { Me } from "../protocol/users.ts";
import type { ClientOptions, KeyStore, Session, SessionState } from "./api.ts";
import { isRefusal } from "./error.ts";
import { cell } from "./observable.ts";
import type { Call } from "./rest.ts";
import type { Answer } from "./routes.ts";
import { single } from "./single.ts";
import { localKeys, memoryKeys } from "./stores.ts";
import { listen, locked } from "./tabs.ts";
import { type Held, heldFrom, signInFirst, twice } from "./tokens.ts";

type Entry = Answer<"POST /auth/verify-login">;

export interface SessionOptions {
  /** The server's origin. */
  url: string;
  call: Call;
  session: ClientOptions["session"];
}

export interface OwnSession extends Session {
  /** @param refused one that the server has just turned down */
  accessToken(refused?: string): Promise<string>;
  /** Of who is signed in. */
  userId(): string | undefined;
  /** When the present access token is to be renewed, ms since 1970 by this device's clock. */
  staleAt(): number;
}

export function createSession({ url, call, session }: SessionOptions): OwnSession {
  const isCookie = session === "cookie";
  const keys = keysOf(session);
  const refreshKey = keyOf("refresh", url);
  const deviceKey = (email: string) => keyOf("device", url, email.trim().toLowerCase());
  const state = cell<SessionState>({ status: "unknown" });
  const tell = session ? listen(keyOf(url), hear) : () => {};
  // What only this client knows needs no other's leave.
  const alone = (run: () => Promise<void>) => (session ? locked("pingme-refresh", run) : run());

  let held: Held | undefined;
  const isOut = () => state.value.status === "signed-out";

  async function keep(pair: TokenPair): Promise<void> {
    held = heldFrom(pair);
    if (pair.refresh_token) await keys.set(refreshKey, pair.refresh_token);
  }

  /** Another tab may have changed the refresh token: it is read when it is one's turn. */
  async function renew(): Promise<void> {
    const before = held;
    try {
      const refresh_token = isCookie ? undefined : await keys.get(refreshKey);
      if (!isCookie && !refresh_token) throw signInFirst();
      const { tokens } = await twice(() => call("POST /auth/refresh", { body: { refresh_token } }));
      // Somebody has signed out, or in, meanwhile: here or in another tab.
      if (held !== before || isOut()) throw signInFirst();
      await keep(tokens);
    } catch (error) {
      if (isRefusal(error, 401) && held === before) await leave();
      throw error;
    }
  }

  const renewOnce = single(() => alone(renew));

  async function enter(answer: Entry | Promise<Entry>): Promise<Me> {
    const { user, tokens, device_token } = await answer;
    await alone(() => keep(tokens));
    if (device_token) await keys.set(deviceKey(user.email), device_token);
    state.set({ status: "signed-in", user });
    tell(user.id);
    return user;
  }

  async function leave(): Promise<void> {
    held = undefined;
    if (userId()) tell(undefined); // who was nobody has nothing to say to those who may keep theirs elsewhere
    state.set({ status: "signed-out" });
    await keys.set(refreshKey, undefined);
  }

  async function restore(): Promise<SessionState> {
    try {
      state.set({ status: "signed-in", user: await call("GET /users/me") });
    } catch (error) {
      if (!isRefusal(error, 401)) throw error;
      if (!isOut()) await leave();
    }
    return state.value;
  }

  const userId = () => (state.value.status === "signed-in" ? state.value.user.id : undefined);

  /** Another tab has signed somebody in, or out. */
  async function hear(id: string | undefined): Promise<void> {
    if (id === userId()) return;
    held = undefined;
    state.set({ status: id ? "unknown" : "signed-out" });
    // Away: it stays unknown, as at a start.
    if (id) await restore().catch(() => undefined);
  }

  return {
    state,
    restore,
    register: (body) => call("POST /auth/register", { body }),
    verifyRegistration: (body) => enter(call("POST /auth/verify-registration", { body })),
    async login({ email, password }) {
      const device_token = await keys.get(deviceKey(email));
      const answer = await call("POST /auth/login", { body: { email, password, device_token } });
      if (!("tokens" in answer)) return answer;
      await enter(answer);
      return undefined;
    },
    verifyLogin: (body) => enter(call("POST /auth/verify-login", { body })),
    resendCode: (challenge) => call("POST /auth/resend-code", { body: { challenge } }),
    resetPassword: (email) => call("POST /auth/reset-password", { body: { email } }),
    verifyResetPassword: (body) => enter(call("POST /auth/verify-reset-password", { body })),
    googleUrl: `${url}/api/v1/auth/google`,
    exchange: (code) => enter(call("POST /auth/google/exchange", { body: { code } })),
    async logout() {
      try {
        await call("POST /auth/logout");
      } catch (error) {
        // Without the server its cookie stays, and with it the session; keys are forgotten all the same.
        if (isCookie && !isRefusal(error, 401)) throw error;
      }
      await leave();
    },
    async accessToken(refused) {
      if (isOut()) throw signInFirst();
      if (!held || held.token === refused || Date.now() > held.staleAt) {
        await renewOnce();
      }
      const id = userId();
      if (held && (!id || id === held.userId)) return held.token;
      // A tab that slept has not heard who has signed in since: what it wants is not theirs to do.
      state.set({ status: "unknown" });
      await restore();
      throw signInFirst();
    },
    userId,
    staleAt: () => held?.staleAt ?? 0,
    setUser(user) {
      if (userId()) state.set({ status: "signed-in", user });
    },
  };
}

/** With a cookie, of what is no secret by itself: whether this device is trusted. */
function keysOf(session: ClientOptions["session"]): KeyStore {
  if (session && session !== "cookie") return session;
  return session && typeof localStorage !== "undefined" ? localKeys() : memoryKeys();
}

/** Of letters that every store allows: a keychain takes no `@`. Two names that come to the same share a key, no harm done. */
function keyOf(...names: string[]): string {
  return ["pingme", ...names].join(".").replace(/[^\w.-]+/g, "_");
}
