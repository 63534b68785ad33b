/** What holds on every screen: nobody is kept out, no word is in another language, nothing is wider than the window. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { barriers } from "../support/axe.ts";
import { ready, stranger, visitor } from "../support/browser.ts";
import type { Look } from "../support/chromium.ts";
import { group, people } from "../support/client.ts";
import { dialog, tell } from "../support/rooms.ts";
import { choose, composer, history, list, message, open } from "../support/screens.ts";
import { server } from "../support/server.ts";
import { guestStops, type Language, stops, tourOf } from "../support/tour.ts";

beforeAll(ready);

const given = {
  en: {
    names: ["Ann", "Bob"],
    title: "Everything",
    words: ["Good morning", "The same to you", "Lighthouses are fine"],
  },
  ru: { names: ["Аня", "Боря"], title: "Всякая всячина", words: ["Доброе утро", "И вам того же", "Маяки прекрасны"] },
} as const;

/** Goes through all screens, and looks at each. */
async function walk(language: Language, look: Look, see: (page: Page, screen: string) => Promise<void>) {
  const { names, title, words } = given[language];
  const locale = language === "ru" ? "ru-RU" : "en-GB";
  const tour = { language, group: "", last: "" };
  const page = await stranger({ ...look, locale });
  for (const [screen, go] of Object.entries(guestStops)) {
    await go(page, tour);
    await see(page, screen);
  }
  const ann = await visitor(names[0], { ...look, locale });
  const [bob] = await people(await server(), names[1]);
  Object.assign(tour, await tourOf(await server(), [ann, bob], { language, title, words: [...words] }));
  for (const [screen, go] of Object.entries(stops)) {
    await go(ann.page, tour);
    await see(ann.page, screen);
  }
}

describe("on every screen", () => {
  test("axe finds nothing serious, in light and in dark", async () => {
    const found: string[] = [];
    await walk("en", { reducedMotion: true }, async (page, screen) => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        found.push(...(await barriers(page)).map((barrier) => `${screen}, ${colorScheme}: ${barrier}`));
      }
    });
    expect(found).toEqual([]);
  });
});

const zoomed = { width: 640, height: 400 }; // 200 % of a desktop's
const phone = { width: 390, height: 844 };

/** All screens in Russian, in narrow windows, with little motion: looked at once, for the tests below. */
function narrowly() {
  narrow ??= lookNarrowly();
  return narrow;
}
let narrow: ReturnType<typeof lookNarrowly> | undefined;

async function lookNarrowly() {
  const found = { barriers: [] as string[], english: [] as string[], wide: [] as string[], moving: [] as string[] };
  await walk("ru", { viewport: zoomed, reducedMotion: true }, async (page, screen) => {
    const on = (what: string) => `${screen}: ${what}`;
    const texts = await page.evaluate(allTexts);
    found.english.push(...texts.filter((text) => latin.test(text.replace(names, ""))).map(on));
    found.moving.push(...(await page.evaluate(moving)).map(on));
    for (const window of [phone, zoomed]) {
      await page.setViewportSize(window);
      found.wide.push(...(await page.evaluate(tooWide)).map((what) => on(`${what} at ${window.width}`)));
    }
    found.barriers.push(...(await barriers(page)).map(on));
  });
  return found;
}

describe("on every screen, in Russian, on a phone and at 200 % zoom", () => {
  test("there is no English word of ours", async () => {
    expect([...new Set((await narrowly()).english)]).toEqual([]);
  });

  test("nothing is wider than the window", async () => {
    expect((await narrowly()).wide).toEqual([]);
  });

  test("nothing moves for who wants little motion", async () => {
    expect((await narrowly()).moving).toEqual([]);
  });

  test("axe finds nothing serious", async () => {
    expect((await narrowly()).barriers).toEqual([]);
  });
});

const latin = /[A-Za-z]{2,}/;
/** Names of things, the same in every language; `node` is a device on which the tests signed in. */
const names = /PingMe|Google|English|(Headless)?Chrom(e|ium)|Linux|\bnode\b|password1|\S+@\S+|\.(png|pdf)/g;

/** In the page: what is read on it, and what is read out. */
function allTexts(): string[] {
  const attributes = ["aria-label", "title", "placeholder", "alt", "aria-description"];
  const said = [...document.querySelectorAll("*")].flatMap((element) =>
    attributes.flatMap((name) => element.getAttribute(name) ?? []),
  );
  const hidden = [...document.querySelectorAll(".hidden")].map((element) => element.textContent ?? "");
  // biome-ignore lint/performance/useDomNodeTextContent: what is shown, and not what is hidden.
  return [document.title, ...document.body.innerText.split("\n"), ...said, ...hidden];
}

/** In the page: what would have to be scrolled sideways. */
function tooWide(): string[] {
  const all = [...document.querySelectorAll("html, body, body *")];
  const scrolls = (element: Element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
  const wide = all.filter(
    (element) =>
      element.scrollWidth > element.clientWidth + 1 &&
      (element === document.documentElement || (scrolls(element) && element.clientWidth > 0)),
  );
  return wide.map(({ tagName, className }) => `${tagName}.${className}`);
}

/** In the page: what would take its time to change. */
function moving(): string[] {
  const seconds = (times: string) => Math.max(...times.split(",").map(Number.parseFloat));
  const slow = [...document.querySelectorAll("body *")].filter((element) => {
    const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
    return seconds(transitionDuration) > 0.01 || (animationName !== "none" && seconds(animationDuration) > 0.01);
  });
  return slow.map(({ tagName, className }) => `${tagName}.${className}`);
}

describe("on a phone", () => {
  test("there is one pane at a time, and the way back leads through them", async () => {
    const ann = await visitor("Ann", { phone: true });
    const [bob] = await people(await server(), "Bob");
    await tell(bob, await dialog(bob, ann), "On the phone");
    await choose(ann.page, "Bob");
    await message(ann.page, "On the phone").waitFor();
    expect(await list(ann.page).isVisible()).toBe(false);
    await ann.page.getByRole("button", { name: "Conversation details" }).first().click();
    const details = ann.page.getByRole("complementary");
    await details.waitFor();
    expect(await history(ann.page).isVisible()).toBe(false);
    await details.getByRole("button", { name: "Back" }).click();
    await message(ann.page, "On the phone").waitFor();
    await ann.page.getByRole("button", { name: "Back" }).click();
    await list(ann.page).waitFor();
    expect(await history(ann.page).count()).toBe(0);
    await choose(ann.page, "Bob");
    await ann.page.goBack();
    await list(ann.page).waitFor();
  });

  test("a long press opens what can be done with a message, and Enter breaks the line", async () => {
    const ann = await visitor("Ann", { phone: true });
    const [bob] = await people(await server(), "Bob");
    const room = await group(bob, ann);
    await tell(bob, room, "Press me");
    await open(ann.page, room);
    const words = message(ann.page, "Press me").getByText("Press me");
    const box = await words.boundingBox();
    if (!box) throw new Error("It is not there to be pressed");
    const touch = await ann.context.newCDPSession(ann.page);
    const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
    await ann.page.getByRole("menu").waitFor();
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await ann.page.getByRole("menuitem", { name: "Reply" }).click();
    await composer(ann.page).pressSequentially("One");
    await composer(ann.page).press("Enter");
    await composer(ann.page).pressSequentially("Two");
    expect(await composer(ann.page).inputValue()).toBe("One\nTwo");
    await ann.page.getByRole("button", { name: "Send", exact: true }).click();
    await message(ann.page, "One Two").waitFor();
  });
});
