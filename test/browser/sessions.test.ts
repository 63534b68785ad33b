/** Who is signed in where: tabs of one browser, and what scripts may know of it. */
import { beforeAll, describe, expect, test } from "vitest";
import { arrivals, ready, stranger, visitor } from "../support/browser.ts";
import { people } from "../support/client.ts";
import { dialog } from "../support/rooms.ts";
import { composer, home, open } from "../support/screens.ts";
import { type Server, server } from "../support/server.ts";
import { askToSignIn, signInAt } from "../support/sign-in.ts";

let at: Server;

beforeAll(async () => {
  await ready();
  at = await server();
});

describe("the refresh token", () => {
  test("lies in a cookie no script can read, of this site alone, and nowhere else", async () => {
    const [ann] = await people(at, "Ann");
    const page = await stranger();
    const bodies: Promise<string>[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/api/v1/auth/")) bodies.push(response.text().catch(() => ""));
    });
    await signInAt(page, at, ann);
    await page.reload();
    await home(page).waitFor();
    const cookies = await page.context().cookies(`${at.url}/api/v1/auth/refresh`);
    const [cookie] = cookies.filter(({ name }) => name.includes("refresh"));
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict", path: "/api/v1/auth" });
    const secret = cookie?.value.split(".").at(-1) ?? "";
    expect(secret.length).toBeGreaterThan(20);
    const readable = await page.evaluate(allThatScriptsCanRead);
    expect(readable).not.toContain(secret);
    expect((await Promise.all(bodies)).join("\n")).not.toContain(secret);
    expect(readable).not.toMatch(/eyJ[\w-]+\.eyJ/); // nor an access token
  });
});

/** In the page: cookies, both storages, and all of IndexedDB. */
async function allThatScriptsCanRead(): Promise<string> {
  const asked = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const found: unknown[] = [document.cookie, { ...localStorage }, { ...sessionStorage }];
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      found.push(await asked(database.transaction(store).objectStore(store).getAll()));
    }
    database.close();
  }
  return JSON.stringify(found);
}

describe("two tabs", () => {
  test("of one person stay signed in when both renew their tokens at once", async () => {
    const ann = await visitor("Ann");
    const other = await ann.context.newPage();
    await other.goto("/");
    await home(other).waitFor();
    for (let round = 0; round < 3; round++) {
      await Promise.all([ann.page.reload(), other.reload()]);
      await Promise.all([home(ann.page).waitFor(), home(other).waitFor()]);
    }
  });

  test("end together when one signs out", async () => {
    const ann = await visitor("Ann");
    const other = await ann.context.newPage();
    await other.goto("/");
    await home(other).waitFor();
    await ann.page.getByRole("button", { name: "Profile and settings" }).click();
    await ann.page.getByRole("button", { name: "Sign out" }).click();
    await ann.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    for (const page of [ann.page, other]) {
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    }
    expect(await ann.context.cookies(`${at.url}/api/v1/auth/refresh`)).toEqual([]);
  });
});

test("a session ended from elsewhere is over at once, its drafts with it, without a word lost about codes", async () => {
  const [ann, bob] = await arrivals("Ann", "Bob");
  await open(ann.page, await dialog(ann, bob));
  await composer(ann.page).fill("Between us");
  await expect.poll(() => ann.page.evaluate(allThatScriptsCanRead)).toContain("Between us");
  expect((await ann.call("DELETE", "/auth/sessions")).status).toBe(204);
  await ann.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  expect(await ann.page.evaluate(allThatScriptsCanRead)).not.toContain("Between us");
  await askToSignIn(ann.page, ann);
});
