/** Who is signed in here, over restarts and in all tabs. */
import type { Me } from "../protocol/users.ts";
import type { ClientOptions, KeyStore, Session, SessionState } from "./api.ts";
import { isRefusal } from "./error.ts";
import { cell } from "./observable.ts";
import type { Call } from "./rest.ts";
import type { Answer } from "./routes.ts";
import { localKeys, memoryKeys } from "./stores.ts";
import { listen, locked } from "./tabs.ts";
import { createTokens, signInFirst } from "./tokens.ts";

export interface SessionOptions {
  /** The server's origin. */
  url: string;
  call: Call;
  session: ClientOptions["session"];
}

export interface OwnSession extends Session {
  /** @param refused one that the server has just turned down */
  accessToken(refused?: string): Promise<string>;
}

export function createSession({ url, call, session }: SessionOptions): OwnSession {
  const keys = keysOf(session);
  const deviceKey = (email: string) => key("device", url, email.trim().toLowerCase());
  const state = cell<SessionState>({ status: "unknown" });
  const tokens = createTokens({
    call,
    keys: session === "cookie" ? undefined : keys,
    key: key("refresh", url),
    // What only this client knows needs no other's leave.
    exclusively: session ? (run) => locked("pingme-refresh", run) : (run) => run(),
    onEnd: leave,
  });
  const tell = session ? listen<string | null>(key(url), hear) : () => {};

  async function enter(answer: Answer<"POST /auth/verify-login">): Promise<Me> {
    const { user, device_token } = answer;
    await tokens.begin(answer.tokens);
    if (device_token) await keys.set(deviceKey(user.email), device_token);
    state.set({ status: "signed-in", user });
    tell(user.id);
    return user;
  }

  async function leave(): Promise<void> {
    await tokens.end();
    state.set({ status: "signed-out" });
    tell(null);
  }

  async function restore(): Promise<SessionState> {
    try {
      state.set({ status: "signed-in", user: await call("GET /users/me") });
    } catch (error) {
      if (!isRefusal(error, 401)) throw error;
      if (state.value.status !== "signed-out") await leave();
    }
    return state.value;
  }

  /** Another tab has signed in or, with null, out. */
  async function hear(userId: string | null): Promise<void> {
    const { value } = state;
    const present = value.status === "signed-in" ? value.user.id : null;
    if (userId === present || !(await tokens.mayHaveChanged())) return;
    tokens.release();
    state.set({ status: userId ? "unknown" : "signed-out" });
    // Away: it stays unknown, as at a start.
    if (userId) await restore().catch(() => undefined);
  }

  return {
    state,
    restore,
    register: (body) => call("POST /auth/register", { body }),
    verifyRegistration: async (body) => await enter(await call("POST /auth/verify-registration", { body })),
    async login({ email, password }) {
      const device_token = await keys.get(deviceKey(email));
      const answer = await call("POST /auth/login", { body: { email, password, device_token } });
      if (!("tokens" in answer)) return answer;
      await enter(answer);
      return undefined;
    },
    verifyLogin: async (body) => await enter(await call("POST /auth/verify-login", { body })),
    resendCode: (challenge) => call("POST /auth/resend-code", { body: { challenge } }),
    resetPassword: (email) => call("POST /auth/reset-password", { body: { email } }),
    verifyResetPassword: async (body) => await enter(await call("POST /auth/verify-reset-password", { body })),
    async hasGoogle() {
      try {
        await call("HEAD /auth/google");
        return true;
      } catch (error) {
        if (isRefusal(error, 404)) return false;
        throw error;
      }
    },
    googleUrl: `${url}/api/v1/auth/google`,
    exchange: async (code) => await enter(await call("POST /auth/google/exchange", { body: { code } })),
    async logout() {
      try {
        await call("POST /auth/logout");
      } catch (error) {
        // Without the server its cookie stays, and with it the session; keys are forgotten all the same.
        if (session === "cookie" && !isRefusal(error, 401)) throw error;
      }
      await leave();
    },
    async accessToken(refused) {
      if (state.value.status === "signed-out") throw signInFirst();
      const token = await tokens.access(refused);
      const { value } = state;
      if (value.status !== "signed-in" || value.user.id === tokens.userId) return token;
      // A tab that slept has not heard who has signed in since: what it wants is not theirs to do.
      state.set({ status: "unknown" });
      await restore();
      throw signInFirst();
    },
    setUser(user) {
      if (state.value.status === "signed-in") state.set({ status: "signed-in", user });
    },
  };
}

/** With a cookie, of what is no secret by itself: whether this device is trusted. */
function keysOf(session: ClientOptions["session"]): KeyStore {
  if (session && session !== "cookie") return session;
  return session && typeof localStorage !== "undefined" ? localKeys() : memoryKeys();
}

/** Of letters that every store allows: a keychain takes no `@`. Two names that come to the same share a key, no harm done. */
function key(...names: string[]): string {
  return ["pingme", ...names].join(".").replace(/[^\w.-]+/g, "_");
}
