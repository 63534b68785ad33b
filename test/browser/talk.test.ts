import { randomUUID } from "node:crypto";
import type { Locator } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { arrivals, pair, ready, visitors } from "../support/browser.ts";
import { people } from "../support/client.ts";
import { dialog, tell } from "../support/rooms.ts";
import {
  act,
  choose,
  composer,
  history,
  message,
  open,
  openMenu,
  row,
  say,
  tick,
  wordsOf,
} from "../support/screens.ts";
import { server } from "../support/server.ts";

beforeAll(ready);

const isFocused = (at: Locator) => at.evaluate((element) => element === document.activeElement);

/** Where a letter of its text stands. */
const xOf = (at: Locator, letter: string) =>
  at.getByText(letter).evaluate((element, wanted) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const from = text.textContent?.indexOf(wanted) ?? -1;
      if (from < 0) continue;
      const range = document.createRange();
      range.setStart(text, from);
      range.setEnd(text, from + 1);
      return range.getBoundingClientRect().x;
    }
    throw new Error(`No ${wanted}`);
  }, letter);

describe("two people in a dialog", () => {
  test("see each other there, typing, and what is said with how far it has got", async () => {
    const { ann, bob } = await pair();
    await ann.page.getByText("online", { exact: true }).first().waitFor();
    await composer(ann.page).pressSequentially("Hel");
    await bob.page.getByText("typing…").first().waitFor();
    await composer(ann.page).pressSequentially("lo");
    await composer(ann.page).press("Enter");
    await message(bob.page, "Hello").waitFor();
    await expect.poll(() => bob.page.getByText("typing…").count()).toBe(0);
    await tick(ann.page, "Hello", "Read").waitFor();
    await say(bob.page, "Hi, Ann");
    await message(ann.page, "Hi, Ann").waitFor();
    await bob.page.close();
    await ann.page
      .getByText(/^last seen/)
      .first()
      .waitFor();
  });

  test("see one tick when it is stored, two when it is there, and both change when it is read", async () => {
    const [ann, bob] = await arrivals("Ann", "Bob");
    await open(ann.page, await dialog(ann, bob));
    await say(ann.page, "Are you up?");
    await tick(ann.page, "Are you up?", "Sent").waitFor();
    await bob.page.goto("/");
    await row(bob.page, "Ann").getByText("1 unread message").waitFor();
    await tick(ann.page, "Are you up?", "Delivered").waitFor();
    await choose(bob.page, "Ann");
    await tick(ann.page, "Are you up?", "Read").waitFor();
    await expect.poll(() => row(bob.page, "Ann").getByText("unread message").count()).toBe(0);
  });

  test("have it in both lists, with the last words, and who is typing", async () => {
    const [ann, bob] = await visitors("Ann", "Bob");
    await open(bob.page, await dialog(ann, bob));
    await say(bob.page, "First words");
    await row(ann.page, "Bob").getByText("First words").waitFor();
    await composer(bob.page).pressSequentially("mo");
    await row(ann.page, "Bob").getByText("typing…").waitFor();
    await choose(ann.page, "Bob");
    await say(ann.page, "Second words");
    await row(bob.page, "Ann").getByText("Second words").waitFor();
  });

  test("begin it by finding each other", async () => {
    const name = `Zoe ${randomUUID().slice(0, 8)}`;
    const [ann, zoe] = await visitors("Ann", name);
    await ann.page.getByRole("button", { name: "New conversation" }).first().click();
    await ann.page.getByLabel("Name or username").fill(name);
    await ann.page.getByRole("dialog").getByText(name).first().click();
    await ann.page.getByRole("button", { name: "Start" }).click();
    await say(ann.page, "Found you");
    await row(zoe.page, "Ann").getByText("Found you").waitFor();
  });
});

describe("a message", () => {
  test("is edited, answered, reacted to, pinned and deleted, and the other sees each", async () => {
    const { ann, bob } = await pair();
    await say(ann.page, "Meet at nein");
    await message(bob.page, "Meet at nein").waitFor();

    await composer(ann.page).press("ArrowUp");
    await expect.poll(() => composer(ann.page).inputValue()).toBe("Meet at nein");
    await say(ann.page, "Meet at nine");
    await message(bob.page, "Meet at nine").getByText("edited").waitFor();
    expect(await message(bob.page, "Meet at nein").count()).toBe(0);

    await act(bob.page, "Meet at nine", "Reply");
    await say(bob.page, "That is good");
    const answer = message(ann.page, "That is good");
    await answer.getByRole("button", { name: "Meet at nine" }).waitFor();

    await openMenu(ann.page, "That is good");
    await ann.page.getByRole("menuitem", { name: "👍" }).click();
    await message(bob.page, "That is good")
      .getByRole("button", { name: /👍 1: Ann/ })
      .click();
    await answer
      .getByRole("button", { name: /👍 2: .*Bob/ })
      .getByText("2")
      .waitFor();

    await act(ann.page, "Meet at nine", "Pin");
    await bob.page.getByRole("button", { name: "Pinned message Meet at nine" }).waitFor();

    await act(ann.page, "Meet at nine", "Delete");
    await ann.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await history(bob.page).getByText("Message deleted").first().waitFor();
    await expect.poll(() => bob.page.getByText("Meet at nine").count()).toBe(0);
  });

  test("that is refused stays before what is said later, until it is tried again by the keyboard", async () => {
    const { ann, bob } = await pair();
    await bob.call("PUT", `/users/me/blocks/${ann.id}`);
    await say(ann.page, "Can you hear me");
    const failed = message(ann.page, "Can you hear me");
    await failed.getByText("Not sent.").waitFor();
    await failed.press("Tab");
    await expect.poll(() => isFocused(failed.getByRole("button", { name: "Tap to try again" }))).toBe(true);
    await bob.call("DELETE", `/users/me/blocks/${ann.id}`);
    await say(ann.page, "Can you hear this");
    await message(bob.page, "Can you hear this").waitFor();
    await tick(ann.page, "Can you hear this", "Read").waitFor();
    expect(await wordsOf(ann.page, /^Can you hear (me|this)/)).toEqual(["Can you hear me", "Can you hear this"]);
    await message(ann.page, "Can you hear this").press("ArrowUp");
    await expect.poll(() => isFocused(failed)).toBe(true);
    await failed.press("Tab");
    await ann.page.keyboard.press("Enter");
    await message(bob.page, "Can you hear me").waitFor();
    await expect
      .poll(() => wordsOf(ann.page, /^Can you hear (me|this)/))
      .toEqual(["Can you hear this", "Can you hear me"]);
  });

  test("is forwarded to another conversation, with who said it first", async () => {
    const [ann, bob, cem] = await arrivals("Ann", "Bob", "Cem");
    const [withBob, withCem] = await Promise.all([dialog(ann, bob), dialog(ann, cem)]);
    await tell(bob, withBob, "The door code is 4711");
    await open(cem.page, withCem);
    await open(ann.page, withBob);
    await act(ann.page, "The door code is 4711", "Forward");
    const chooser = ann.page.getByRole("dialog", { name: "Forward to" });
    await chooser.getByText("Cem").click();
    await chooser.getByRole("button", { name: "Forward to 1" }).click();
    await message(cem.page, "The door code is 4711")
      .getByText(/^Forwarded/)
      .waitFor();
  });

  test("in a script that is read from the right begins there, whatever stands in it", async () => {
    const { ann, bob } = await pair();
    const mixed = "שלום Bob";
    await say(ann.page, mixed);
    const [start, end] = await Promise.all([xOf(message(bob.page, mixed), "ש"), xOf(message(bob.page, mixed), "B")]);
    expect(start).toBeGreaterThan(end);
  });

  test("half written is kept as a draft, for each conversation its own", async () => {
    const [ann] = await arrivals("Ann");
    const [bob, cem] = await people(await server(), "Bob", "Cem");
    const [withBob] = await Promise.all([dialog(ann, bob), dialog(ann, cem)]);
    await open(ann.page, withBob);
    await composer(ann.page).fill("To be continued");
    await choose(ann.page, "Cem");
    await expect.poll(() => composer(ann.page).inputValue()).toBe("");
    await row(ann.page, "Bob").getByText("To be continued").waitFor();
    await open(ann.page, withBob);
    await expect.poll(() => composer(ann.page).inputValue()).toBe("To be continued");
  });
});
