/** The main screens one after the other, in either language: what holds on all of them is looked at on each. */
import type { Page } from "playwright-core";
import { conversation } from "../../src/web/texts/conversation.ts";
import { details } from "../../src/web/texts/details.ts";
import { list } from "../../src/web/texts/list.ts";
import { signIn } from "../../src/web/texts/sign-in.ts";
import type { Text } from "../../src/web/texts/tables.ts";
import { Line, type Person } from "./client.ts";
import { uploadFor } from "./files.ts";
import { landscape } from "./pictures.ts";
import { tell } from "./rooms.ts";
import { home, searchField } from "./screens.ts";
import type { Server } from "./server.ts";

export type Language = "en" | "ru";

export interface Tour {
  language: Language;
  /** Of a group with all that can be in one. */
  group: string;
  /** Words of its last message. */
  last: string;
}

/** One without a plural. */
const word = (text: Text): string => (typeof text === "string" ? text : text.other);

type Stop = (page: Page, tour: Tour) => Promise<void>;

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).first();

export const guestStops: Record<string, Stop> = {
  async "signing in"(page, { language }) {
    await page.goto("/");
    await button(page, word(signIn[language].google)).waitFor();
  },
  async registering(page, { language }) {
    await button(page, word(signIn[language].toRegister)).click();
    await button(page, word(signIn[language].submitRegister)).click();
    await page.getByRole("alert").first().waitFor();
  },
  async "a forgotten password"(page, { language }) {
    await page.goto("/");
    await button(page, word(signIn[language].forgot)).click();
    await button(page, word(signIn[language].submitReset)).waitFor();
  },
};

const inGroup: Stop = async (page, { group, last }) => {
  await page.goto(`/c/${group}`);
  await page.getByRole("article").filter({ hasText: last }).waitFor();
  await page.getByRole("article").getByRole("img").first().waitFor();
};

const messageMenu: Stop = async (page, tour) => {
  await inGroup(page, tour);
  await page.getByRole("log").getByText(tour.last).click({ button: "right" });
  await page.getByRole("menu").waitFor();
};

const choice = (item: "forward" | "delete"): Stop =>
  async function chosen(page, tour) {
    await messageMenu(page, tour);
    await page.getByRole("menuitem", { name: word(conversation[tour.language][item]), exact: true }).click();
    await page.getByRole("dialog").waitFor();
  };

const start = async (page: Page) => {
  await page.goto("/");
  await home(page).getByRole("listitem").first().waitFor();
};

export const stops: Record<string, Stop> = {
  "the list": start,
  async "what was searched"(page, { last }) {
    await start(page);
    await searchField(page).fill(last.split(" ")[0] ?? "");
    await page.getByRole("region").getByRole("button").first().waitFor();
  },
  async "a new conversation"(page, { language }) {
    await start(page);
    await button(page, word(list[language].newConversation)).click();
    await page.getByRole("dialog").waitFor();
  },
  "a conversation": inGroup,
  "what can be done with a message": messageMenu,
  "forwarding it": choice("forward"),
  "deleting it": choice("delete"),
  async "a picture"(page, tour) {
    await inGroup(page, tour);
    await button(page, word(conversation[tour.language].showPicture)).click();
    await page.getByRole("dialog").getByRole("img").waitFor();
  },
  async "the details"(page, { group, language }) {
    await page.goto(`/c/${group}/info`);
    await page.getByRole("complementary").getByRole("listitem").first().waitFor();
    for (const part of [word(details[language].pins), word(details[language].media), word(details[language].invites)]) {
      await page.getByRole("complementary").getByText(part, { exact: true }).click();
    }
  },
  async "the settings"(page) {
    await page.goto("/settings");
    await page
      .getByText(/^(This one|Этот)$/)
      .first()
      .waitFor(); // sessions come last
  },
  async "an invite"(page) {
    await page.goto("/join/01a21d57-1101-7fa8-91a3-a58ee09d1a9d#none");
    await page.getByRole("main").getByRole("button").first().click();
    await page.getByRole("alert").getByText(/./).waitFor();
  },
};

/** A group with all that can be in one: pictures and files, answers, reactions, what was deleted, edited and pinned. */
export async function tourOf(
  at: Server,
  [first, second]: [Person, Person],
  { language, title, words }: { language: Language; title: string; words: [string, string, string] },
): Promise<Tour> {
  const made = await first.call("POST", "/conversations", { title, participant_ids: [second.id] });
  const room = made.body;
  const path = `/conversations/${room.id}/messages`;
  const [one, two, last] = words;
  const said = await tell(second, room, one);
  await tell(first, room, two, { reply_to: said.id });
  const gone = await tell(second, room, one);
  await second.call("DELETE", `${path}/${gone.id}`);
  await first.call("PUT", `${path}/${said.id}/reactions/${encodeURIComponent("👍")}`);
  await pin(at, first, room.id, said.id);
  const picture = await uploadFor(second, landscape(240, 160), { content_type: "image/png", name: "1.png" });
  await tell(second, room, "", { media_ids: [picture] });
  const paper = await uploadFor(first, Buffer.from(`%PDF-1.4\n${"%\n".repeat(9)}%%EOF`), {
    content_type: "application/pdf",
    name: "1.pdf",
  });
  await tell(first, room, "", { media_ids: [paper] });
  const edited = await tell(first, room, one);
  await first.call("PATCH", `${path}/${edited.id}`, { content: two });
  await tell(first, room, last);
  return { language, group: room.id, last };
}

async function pin(at: Server, who: Person, room: string, message_id: string): Promise<void> {
  const line = await Line.open(at, `/conversations/${room}/ws`, who.token);
  line.send({ type: "pin", message_id, on: true });
  await line.ofType("pin");
  line.close();
}
