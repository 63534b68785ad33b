import { expect, test } from "vitest";
import { people } from "../support/client.ts";
import { browser, signInTo, tab } from "../support/sdk.ts";
import { server } from "../support/server.ts";

test("a session in a cookie shows no refresh token, is there after a reload, and ends with its logout", async () => {
  const at = await server();
  const [ann] = await people(at, "Ann");
  const said: string[] = [];
  const page = browser();
  const through: typeof fetch = async (input, init) => {
    const answer = await page(input, init);
    said.push(await answer.clone().text());
    return answer;
  };
  const before = tab(at, "cookie", through);
  await signInTo(before, at, ann);
  const reloaded = tab(at, "cookie", through);
  expect(await reloaded.session.restore()).toMatchObject({ status: "signed-in", user: { id: ann.id } });
  await reloaded.session.logout();
  expect(await tab(at, "cookie", through).session.restore()).toEqual({ status: "signed-out" });
  await expect(before.call("GET /users/me")).rejects.toMatchObject({ status: 401 });
  expect(before.session.state.value).toEqual({ status: "signed-out" });
  expect(said.join()).toContain("access_token");
  expect(said.join()).not.toContain('"refresh_token"');
});
