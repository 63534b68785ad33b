/** Groups: who comes in by a link, who may do what, and who is put out. */
import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { arrival, arrivals, ready, stranger, visitors } from "../support/browser.ts";
import { group, mailedCode, people } from "../support/client.ts";
import { composer, history, list, message, open, row, say } from "../support/screens.ts";
import { type Server, server } from "../support/server.ts";
import { askToRegister, codeBoxes, giveCode } from "../support/sign-in.ts";

let at: Server;

beforeAll(async () => {
  await ready();
  at = await server();
});

const details = (page: Page) => page.getByRole("complementary");
const member = (page: Page, name: string) => details(page).getByRole("listitem").filter({ hasText: name });

/** Chooses what is done with a member. */
async function actOn(page: Page, name: string, action: string): Promise<void> {
  await member(page, name)
    .getByRole("button", { name: `Actions for ${name}` })
    .click();
  await page.getByRole("menuitem", { name: action }).click();
}

describe("an invite by link", () => {
  test("brings in somebody who was not even registered", async () => {
    const ann = await arrival("Ann");
    const room = await group(ann);
    await ann.page.goto(`/c/${room.id}/info`);
    await ann.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await details(ann.page).getByText("Invites").click();
    await details(ann.page).getByRole("button", { name: "Invite by a link" }).click();
    await ann.page.getByRole("button", { name: "Make the link" }).click();
    await ann.page.getByRole("button", { name: "Copy" }).click();
    await ann.page.getByRole("button", { name: "Copied" }).waitFor();
    const link = await ann.page.evaluate(() => navigator.clipboard.readText());
    expect(link).toContain(`/join/${room.id}#`);
    await open(ann.page, room);

    const page = await stranger({}, link);
    const email = `somebody.${randomUUID()}@example.com`;
    await askToRegister(page, { name: "Nina", email, password: "correct horse battery" });
    await codeBoxes(page).first().waitFor();
    await giveCode(page, await mailedCode(at, email));
    await page.getByRole("button", { name: "Join the group" }).click();
    await composer(page).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/c/${room.id}`);
    await say(page, "Here I am");
    await message(ann.page, "Here I am").waitFor();
    await ann.page.getByText("Nina joined").first().waitFor();
  });

  test("that does not count any more says so", async () => {
    const [ann] = await people(at, "Ann");
    const bob = await arrival("Bob");
    const room = await group(ann);
    await bob.page.goto(`/join/${room.id}#${"x".repeat(43)}`);
    await bob.page.getByRole("button", { name: "Join the group" }).click();
    await bob.page.getByRole("alert").getByText(/./).first().waitFor();
    expect(await composer(bob.page).count()).toBe(0);
  });
});

describe("roles", () => {
  test("an owner makes an administrator, who removes a member, who sees it at once", async () => {
    const [ann, bob, cem] = await arrivals("Ann", "Bob", "Cem");
    const room = await group(ann, bob, cem);
    await Promise.all([ann.page.goto(`/c/${room.id}/info`), open(cem.page, room)]);
    await actOn(ann.page, "Bob", "Make admin");
    await member(ann.page, "Bob").getByText("Admin", { exact: true }).waitFor();
    await bob.page.goto(`/c/${room.id}/info`);
    await actOn(bob.page, "Cem", "Remove");
    await bob.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await cem.page.getByText(/not there any more, or you are no longer in it/).waitFor();
    await expect.poll(() => composer(cem.page).count()).toBe(0);
    await expect.poll(() => row(cem.page, "A group").count()).toBe(0);
    await expect.poll(() => member(bob.page, "Cem").count()).toBe(0);
  });

  test("a member cannot remove anybody: it is not even offered", async () => {
    const [ann] = await people(at, "Ann");
    const bob = await arrival("Bob");
    const room = await group(ann, bob);
    await bob.page.goto(`/c/${room.id}/info`);
    await member(bob.page, "Ann").waitFor();
    expect(
      await member(bob.page, "Ann")
        .getByRole("button", { name: /actions/i })
        .count(),
    ).toBe(0);
  });
});

test("who came in and what was changed stands between the messages, after a reload too", async () => {
  const [ann] = await arrivals("Ann");
  const [bob] = await people(at, "Bob");
  const room = await group(ann);
  const there = `/conversations/${room.id}`;
  await ann.call("POST", `${there}/messages`, { content: "Before" });
  await ann.call("POST", `${there}/members`, { user_ids: [bob?.id] });
  await ann.call("PATCH", there, { title: "The others" });
  await ann.call("POST", `${there}/messages`, { content: "After" });
  await open(ann.page, room);
  for (const visit of ["first", "again"]) {
    await history(ann.page).getByText("You named the group “The others”").waitFor();
    const lines = await history(ann.page).locator("article, .event").allInnerTexts();
    expect(
      lines.map((line) => line.split("\n")[0]),
      visit,
    ).toEqual(["Before", "You added Bob", "You named the group “The others”", "After"]);
    await ann.page.reload();
    await composer(ann.page).waitFor();
  }
});

test("a group is made of people one has found, with a name", async () => {
  const names = ["Zoe", "Yan"].map((name) => `${name} ${randomUUID().slice(0, 8)}`);
  const [ann, zoe] = await visitors("Ann", ...names);
  await ann.page.getByRole("button", { name: "New conversation" }).first().click();
  for (const name of names) {
    await ann.page.getByLabel("Name or username").fill(name);
    await ann.page.getByRole("dialog").getByText(name).first().click();
  }
  await ann.page.getByLabel("Name of the group").fill("Lunch on Friday");
  await ann.page.getByRole("button", { name: "Create the group" }).click();
  await say(ann.page, "Who is hungry?");
  await list(ann.page).getByText("Lunch on Friday").first().waitFor();
  await row(zoe?.page ?? ann.page, "Lunch on Friday")
    .getByText("Who is hungry?")
    .waitFor();
});
