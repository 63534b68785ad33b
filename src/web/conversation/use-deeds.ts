import { useMemo, useState } from "preact/hooks";
import type { Room } from "../../client/api.ts";
import type { ShownMessage } from "../../protocol/messages.ts";
import type { Asked } from "./asked.tsx";
import type { Mode } from "./composing.ts";
import type { Deeds } from "./deeds.ts";
import type { Chosen } from "./message-menu.tsx";

interface Given {
  room: Room;
  userId: string;
  /** A message to show as it opens. */
  sequence: number | undefined;
  setMode(mode: Mode): void;
  isPinned(message: ShownMessage): boolean;
}

/** What is done with messages: at once, or asked for first. What is refused is said above the field. */
export function useDeeds({ room, userId, sequence, setMode, isPinned }: Given) {
  const [asked, setAsked] = useState<Asked>();
  const [target, setTarget] = useState(sequence === undefined ? undefined : { sequence });
  const [problem, setProblem] = useState<unknown>();
  const attempt = (work: Promise<unknown>) => {
    setProblem(undefined);
    work.catch(setProblem);
  };
  const react = (message: ShownMessage, emoji: string) => {
    // As it is now: a menu may have stood open for a while.
    const now = room.state.value.messages.find(({ id }) => id === message.id) ?? message;
    const mine = now.reactions?.find((one) => one.emoji === emoji)?.user_ids.includes(userId) === true;
    attempt(room.react(message.id, emoji, !mine));
  };
  const choose: Record<Chosen, (message: ShownMessage) => void> = {
    reply: (message) => setMode({ kind: "reply", message }),
    edit: (message) => setMode({ kind: "edit", message }),
    copy: (message) => attempt(navigator.clipboard.writeText(message.content)),
    forward: (message) => setAsked({ for: "forward", message }),
    pin: (message) => attempt(room.pin(message.id, !isPinned(message))),
    readers: (message) => setAsked({ for: "readers", message }),
    delete: (message) => setAsked({ for: "delete", message }),
  };
  // The same object for as long as the conversation is open, so that no message is drawn again because of it.
  const deeds = useMemo<Deeds>(
    () => ({
      menu: (message, at) => setAsked({ for: "menu", message, at }),
      react,
      reply: choose.reply,
      jump: (sequence) => setTarget({ sequence }),
      view: (message, media) => setAsked({ for: "view", message, media }),
      retry: (id) => attempt(room.retry(id)),
      discard: (id) => attempt(room.discard(id)),
    }),
    [room, userId],
  );
  return { deeds, choose, react, asked, setAsked, target, problem, jump: deeds.jump };
}
