/** The main screens, and how one gets there. Those for guests come first: after them one is signed in. */
import type { Page } from "playwright-core";
import { home, searchField } from "../support/screens.ts";
import type { Stage } from "./stage.ts";

interface Screen {
  isForGuests?: boolean;
  show(page: Page, at: { stage: Stage; isPhone: boolean }): Promise<void>;
}

async function settle(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
}

async function start(page: Page): Promise<void> {
  await page.goto("/");
  await home(page).waitFor();
  await settle(page);
}

async function conversation(page: Page, { stage }: { stage: Stage }): Promise<void> {
  await page.goto(`/c/${stage.conversations.at(-1)}`);
  await page.getByRole("log").waitFor();
  await page.getByText("There is no such thing").first().waitFor();
  await page
    .getByText(/is typing/)
    .first()
    .waitFor();
  await settle(page);
}

export const screens: Record<string, Screen> = {
  "sign-in": {
    isForGuests: true,
    async show(page) {
      await page.goto("/");
      await page.getByRole("button", { name: "Continue with Google" }).waitFor();
    },
  },
  register: {
    isForGuests: true,
    async show(page) {
      await page.getByRole("button", { name: "Create an account" }).click();
      await page.getByLabel("Name").fill("Ada Lindqvist");
    },
  },
  list: { show: start },
  conversation: { show: conversation },
  details: {
    async show(page, { stage }) {
      await page.goto(`/c/${stage.conversations.at(-1)}/info`);
      await page.getByRole("complementary").getByRole("listitem").first().waitFor();
      await settle(page);
    },
  },
  dialog: {
    async show(page, { stage }) {
      await page.goto(`/c/${stage.conversations[1]}`);
      await page.getByText("Budget 2027.pdf").first().waitFor();
      await settle(page);
    },
  },
  search: {
    async show(page) {
      await start(page);
      await searchField(page).fill("coffee");
      await page.getByText("no such thing").first().waitFor();
      await settle(page);
    },
  },
  "new-conversation": {
    async show(page) {
      await start(page);
      await page.getByRole("button", { name: "New conversation" }).first().click();
      await page.getByLabel("Name or username").fill("So");
      await page.getByRole("dialog").getByText("Sofía Rojas").first().waitFor();
    },
  },
  settings: {
    async show(page) {
      await page.goto("/settings");
      await settle(page);
    },
  },
};
