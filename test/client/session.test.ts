import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryKeys } from "../../src/client/stores.ts";
import { call, mailCount, mailedCode, type Person, people } from "../support/client.ts";
import { signInTo, tab } from "../support/sdk.ts";
import { type Server, server } from "../support/server.ts";

let at: Server;
let ann: Person;
let bob: Person;

beforeEach(async () => {
  at = await server();
  [ann, bob] = await people(at, "Ann", "Bob");
});

afterEach(() => void vi.unstubAllGlobals());

const signedOut = { status: "signed-out" };
const asAnn = () => ({ status: "signed-in", user: expect.objectContaining({ id: ann.id, email: ann.email }) });
const refusal = (status: number, code: string) => expect.objectContaining({ name: "PingMeError", status, code });

/** A fetch that remembers where it went. */
function watched() {
  const paths: string[] = [];
  const through: typeof fetch = (input, init) => {
    paths.push(`${init?.method} ${new URL(String(input)).pathname.replace("/api/v1", "")}`);
    return fetch(input, init);
  };
  return { paths, through };
}

describe("signing in", () => {
  test("registers with a mailed code, and is somebody", async () => {
    const { session, call } = tab(at);
    const email = `new.${crypto.randomUUID()}@example.com`;
    const { challenge } = await session.register({ email, password: "a quite long battery", name: "New" });
    const user = await session.verifyRegistration({ challenge, code: await mailedCode(at, email) });
    expect(user).toMatchObject({ name: "New", email });
    expect(session.state.value).toEqual({ status: "signed-in", user });
    expect(await call("GET /users/me")).toEqual(user);
  });

  test("takes a mailed code, and none from a device that is trusted", async () => {
    const keys = memoryKeys();
    await signInTo(tab(at, keys), at, ann, { trust_device: true });
    const { session } = tab(at, keys);
    expect(await session.login({ email: ` ${ann.email.toUpperCase()}`, password: ann.password })).toBeUndefined();
    expect(session.state.value).toEqual(asAnn());
    expect(await session.login(bob)).toMatchObject({ challenge: expect.any(String) });
  });

  test("sets a new password with a mailed code", async () => {
    const [eve] = await people(at, "Eve");
    const { session } = tab(at);
    const seen = await mailCount(at, eve.email);
    const { challenge } = await session.resetPassword(eve.email);
    const code = await mailedCode(at, eve.email, seen);
    expect(await session.verifyResetPassword({ challenge, code, password: "another battery" })).toMatchObject({
      id: eve.id,
    });
    expect(session.state.value).toMatchObject({ status: "signed-in" });
  });

  test("refuses a wrong password, a wrong code and a code of nobody's, and nobody is signed in", async () => {
    const { session } = tab(at);
    await expect(session.login({ ...ann, password: "wrong" })).rejects.toEqual(refusal(401, "AUTH_FAILED"));
    const { challenge } = (await session.login(ann)) ?? { challenge: "" };
    await expect(session.verifyLogin({ challenge, code: "12" })).rejects.toEqual(refusal(422, "INVALID_CONTENT"));
    await expect(session.exchange("nobody's")).rejects.toEqual(refusal(410, "GONE"));
    expect(session.state.value).toEqual({ status: "unknown" });
  });
});

describe("a session", () => {
  test("is there again after a restart, and asks nothing where there was none", async () => {
    const keys = memoryKeys();
    await signInTo(tab(at, keys), at, ann);
    expect(await tab(at, keys).session.restore()).toEqual(asAnn());
    const { paths, through } = watched();
    const { session } = tab(at, memoryKeys(), through);
    expect(await session.restore()).toEqual(signedOut);
    await expect(session.accessToken()).rejects.toEqual(refusal(401, "AUTH_REQUIRED"));
    expect(paths).toEqual([]);
  });

  test("survives two tabs that refresh at once, again and again", async () => {
    const keys = memoryKeys();
    const tabs = [tab(at, keys), tab(at, keys)];
    await signInTo(tab(at, keys), at, ann);
    for (let round = 0; round < 3; round++) {
      const tokens = await Promise.all(
        tabs.map(async ({ session }) => session.accessToken(await session.accessToken())),
      );
      for (const token of tokens) expect((await call(at, "GET", "/api/v1/users/me", { token })).status).toBe(200);
    }
  });

  test("refreshes once for all who wait for a token", async () => {
    const keys = memoryKeys();
    await signInTo(tab(at, keys), at, ann);
    const { paths, through } = watched();
    const { session, call } = tab(at, keys, through);
    const [token, same] = await Promise.all([session.accessToken(), session.accessToken(), call("GET /users/me")]);
    expect(token).toBe(same);
    expect(await session.accessToken()).toBe(token);
    expect(paths).toEqual(["POST /auth/refresh", "GET /users/me"]);
  });

  test("survives the loss of a refresh's answer", async () => {
    const keys = memoryKeys();
    await signInTo(tab(at, keys), at, ann);
    let isLost = false;
    const losing: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (isLost) return answer;
      isLost = true;
      throw new TypeError("The line broke");
    };
    expect(await tab(at, keys, losing).session.restore()).toEqual(asAnn());
  });

  test("stays as it was while the server is away", async () => {
    const keys = memoryKeys();
    await signInTo(tab(at, keys), at, ann);
    const { url } = at;
    let isAway = true;
    const through: typeof fetch = (input, init) =>
      fetch(isAway ? String(input).replace(url, "http://127.0.0.1:1") : input, init);
    const { session } = tab(at, keys, through);
    await expect(session.restore()).rejects.toEqual(refusal(0, "OFFLINE"));
    expect(session.state.value).toEqual({ status: "unknown" });
    isAway = false;
    expect(await session.restore()).toEqual(asAnn());
  });

  test("ends at the server with a logout, and in other tabs", async () => {
    vi.stubGlobal("document", {});
    const keys = memoryKeys();
    const [one, other] = [tab(at, keys), tab(at, keys)];
    await signInTo(one, at, ann);
    await expect.poll(() => other.session.state.value).toEqual(asAnn());
    const token = await other.session.accessToken();
    await one.session.logout();
    expect(one.session.state.value).toEqual(signedOut);
    await expect.poll(() => other.session.state.value).toEqual(signedOut);
    expect((await call(at, "GET", "/api/v1/users/me", { token })).status).toBe(401);
    expect(await tab(at, keys).session.restore()).toEqual(signedOut);
  });

  test("ends here with a logout while the server is away, also where what was kept cannot be taken away", async () => {
    const { url } = at;
    let isAway = false;
    const through: typeof fetch = (input, init) =>
      fetch(isAway ? String(input).replace(url, "http://127.0.0.1:1") : input, init);
    const keys = memoryKeys();
    const refusing = {
      ...keys,
      set(key: string, value: string | undefined) {
        if (isAway) throw new Error("The keychain is locked");
        return keys.set(key, value);
      },
    };
    const one = tab(at, refusing, through);
    await signInTo(one, at, ann);
    isAway = true;
    await expect(one.session.logout()).rejects.toThrow("The keychain is locked");
    expect(one.session.state.value).toEqual(signedOut);
    const other = tab(at, keys, through);
    isAway = false;
    await other.session.restore();
    isAway = true;
    await other.session.logout();
    expect(other.session.state.value).toEqual(signedOut);
    expect(await tab(at, keys).session.restore()).toEqual(signedOut);
  });

  test("that is refreshed while another tab signs out does not come back", async () => {
    vi.stubGlobal("document", {});
    const keys = memoryKeys();
    const one = tab(at, keys);
    await signInTo(one, at, ann);
    const [refreshed, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      refreshed.resolve();
      await letGo.promise;
      return answer;
    };
    const other = tab(at, keys, holding);
    const restoring = other.session.restore();
    await refreshed.promise;
    await one.session.logout();
    await expect.poll(() => other.session.state.value).toEqual(signedOut);
    letGo.resolve();
    expect(await restoring).toEqual(signedOut);
    const { paths, through } = watched();
    expect(await tab(at, keys, through).session.restore()).toEqual(signedOut);
    expect(paths).toEqual([]); // nothing is kept to ask with
  });

  test("of another user in another tab is heard", async () => {
    vi.stubGlobal("document", {});
    const keys = memoryKeys();
    const [one, other] = [tab(at, keys), tab(at, keys)];
    await signInTo(one, at, ann);
    await signInTo(other, at, bob);
    await expect.poll(() => one.session.state.value).toMatchObject({ status: "signed-in", user: { id: bob.id } });
    expect((await one.call("GET /users/me")).id).toBe(bob.id);
  });

  test("of another user is found out by a tab that slept, and what it wanted is not done", async () => {
    const keys = memoryKeys();
    const [one, other] = [tab(at, keys), tab(at, keys)];
    const token = await signInTo(one, at, ann).then(() => one.session.accessToken());
    await signInTo(other, at, bob);
    await expect(one.session.accessToken(token)).rejects.toEqual(refusal(401, "AUTH_REQUIRED"));
    expect(one.session.state.value).toMatchObject({ status: "signed-in", user: { id: bob.id } });
  });

  test("that was ended elsewhere is over with the next call", async () => {
    const keys = memoryKeys();
    const { session, call } = tab(at, keys);
    await signInTo({ session, call }, at, ann);
    const { items } = await call("GET /auth/sessions");
    const id = items.find(({ current }) => current)?.id ?? "";
    await call("DELETE /auth/sessions/{id}", { path: { id } });
    await expect(call("GET /users/me")).rejects.toEqual(refusal(401, "AUTH_FAILED"));
    expect(session.state.value).toEqual(signedOut);
    expect(await tab(at, keys).session.restore()).toEqual(signedOut);
  });
});
