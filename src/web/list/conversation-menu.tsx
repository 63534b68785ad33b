import type { Conversation } from "../../protocol/conversations.ts";
import { conversationName } from "../names.ts";
import { go, place } from "../navigation.ts";
import { type Say, type TextKey, useText } from "../texts/text.ts";
import { Ask } from "../ui/dialog.tsx";
import type { IconName } from "../ui/icon.tsx";
import { Menu, type MenuItem } from "../ui/menu.tsx";
import { type Choice, choicesOf, mutedUntil, type Span } from "./choices.ts";
import { changeMine, deleteGroup, leave, markAllRead } from "./standing.ts";

interface Shown {
  label: TextKey;
  icon: IconName;
  /** What is done at once, or what follows first. */
  next: ((conversation: Conversation) => Promise<void>) | Exclude<OpenMenu["step"], "choices">;
}

async function hide({ id }: Conversation): Promise<void> {
  await changeMine(id, { hidden: true });
  goAwayFrom(id);
}

function goAwayFrom(id: string): void {
  if (place.value.at === "conversation" && place.value.id === id) go({ at: "list" });
}

const shown: Record<Choice, Shown> = {
  markRead: { label: "list.markRead", icon: "checks", next: markAllRead },
  pin: { label: "list.pin", icon: "pin", next: ({ id }) => changeMine(id, { pinned: true }) },
  unpin: { label: "list.unpin", icon: "pin", next: ({ id }) => changeMine(id, { pinned: false }) },
  mute: { label: "list.mute", icon: "bellOff", next: "mute" },
  unmute: { label: "list.unmute", icon: "bell", next: ({ id }) => changeMine(id, { muted_until: null }) },
  archive: { label: "list.archiveIt", icon: "archive", next: ({ id }) => changeMine(id, { archived: true }) },
  unarchive: { label: "list.unarchive", icon: "archive", next: ({ id }) => changeMine(id, { archived: false }) },
  hide: { label: "list.hide", icon: "close", next: hide },
  leave: { label: "list.leave", icon: "leave", next: "leave" },
  delete: { label: "list.delete", icon: "trash", next: "delete" },
};

const spanTexts: [Span, TextKey][] = [
  ["hour", "list.muteHour"],
  ["hours", "list.muteHours"],
  ["day", "list.muteDay"],
  ["forever", "list.muteForever"],
];

/** The menu, or what follows a choice. */
export interface OpenMenu {
  conversation: Conversation;
  at: DOMRect | { x: number; y: number };
  step: "choices" | "mute" | "leave" | "delete";
}

interface ConversationMenuProps {
  open: OpenMenu;
  onChange(open: OpenMenu | undefined): void;
  /** What went wrong, to be said where it can be seen. */
  onTrouble(error: unknown): void;
}

/** What can be done with a conversation of the list. */
export function ConversationMenu({ open, onChange, onTrouble }: ConversationMenuProps) {
  const say = useText();
  const { conversation, at, step } = open;
  const close = () => onChange(undefined);
  if (step === "leave" || step === "delete")
    return <AskEnding conversation={conversation} ending={step} onClose={close} />;
  const name = conversationName(say, conversation);
  const [label, items] =
    step === "mute"
      ? [say("list.muteFor"), muteItems(say, conversation.id, onTrouble)]
      : [say("list.actions", { name }), choiceItems(say, open, { onChange, onTrouble })];
  return <Menu key={step} label={label} items={items} at={at} onClose={close} />;
}

export function choiceItems(
  say: Say,
  open: OpenMenu,
  { onChange, onTrouble }: Omit<ConversationMenuProps, "open">,
): MenuItem[] {
  return choicesOf(open.conversation, Date.now()).map((choice) => {
    const { label, icon, next } = shown[choice];
    const onSelect = () =>
      typeof next === "string" ? onChange({ ...open, step: next }) : void next(open.conversation).catch(onTrouble);
    return { label: say(label), icon, isDanger: choice === "leave" || choice === "delete", onSelect };
  });
}

function muteItems(say: Say, id: string, onTrouble: (error: unknown) => void): MenuItem[] {
  return spanTexts.map(([span, label]) => ({
    label: say(label),
    onSelect: () => void changeMine(id, { muted_until: mutedUntil(span, Date.now()) }).catch(onTrouble),
  }));
}

interface AskEndingProps {
  conversation: Conversation;
  ending: "leave" | "delete";
  onClose(): void;
}

/** Before a group is lost to oneself, or to all. */
export function AskEnding({ conversation, ending, onClose }: AskEndingProps) {
  const say = useText();
  const name = conversationName(say, conversation);
  const isAlone = conversation.member_count === 1;
  const onYes = async () => {
    await (ending === "leave" ? leave(conversation) : deleteGroup(conversation));
    goAwayFrom(conversation.id);
  };
  const text = ending === "delete" ? "list.deleteText" : isAlone ? "list.leaveAloneText" : "list.leaveText";
  return (
    <Ask
      title={say(ending === "leave" ? "list.leaveTitle" : "list.deleteTitle", { name })}
      text={say(text)}
      verb={say(ending === "leave" ? "list.leaveVerb" : "list.deleteVerb")}
      onYes={onYes}
      onClose={onClose}
    />
  );
}
