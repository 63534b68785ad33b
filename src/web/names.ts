/** What a conversation is called: by its title, or by the other one of a dialog. */
import type { Conversation } from "../protocol/conversations.ts";
import type { Say } from "./texts/text.ts";

type Named = Pick<Conversation, "kind" | "title" | "peer">;

export function conversationName(say: Say, { kind, title, peer }: Named): string {
  if (kind === "dialog") return personName(say, peer?.name);
  return title || say("list.untitled");
}

/** Who has deleted their account has no name. */
export const personName = (say: Say, name: string | undefined): string => name || say("common.nobody");
