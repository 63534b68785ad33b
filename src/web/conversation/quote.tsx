import { useEffect, useState } from "preact/hooks";
import type { Room } from "../../client/api.ts";
import type { Message } from "../../protocol/messages.ts";
import { type Say, useText } from "../texts/text.ts";
import { useValue } from "../ui/hooks.ts";
import { kindOf } from "./media-kinds.ts";

interface QuoteProps {
  room: Room;
  id: string;
  onJump(sequence: number): void;
}

/** What a message answers: looked up, never copied. Its two lines have their place before it is there. */
export function Quote({ room, id, onJump }: QuoteProps) {
  const say = useText();
  const message = useQuoted(room, id);
  const text = message ? summaryOf(say, message) : message === null ? say("conversation.quoteAway") : "";
  return (
    <button
      type="button"
      class="quote"
      disabled={!message}
      title={say("conversation.toQuoted")}
      onClick={() => message && onJump(message.sequence)}
    >
      <strong>{message?.sender_name ?? ""}</strong>
      <span>{text}</span>
    </button>
  );
}

/** Null: there is none to be seen. */
function useQuoted(room: Room, id: string): Message | null | undefined {
  const { messages } = useValue(room.state);
  const loaded = messages.find((message) => message.id === id);
  const [fetched, setFetched] = useState<Message | null>();
  useEffect(() => {
    if (loaded) return;
    room.message(id).then(
      (message) => setFetched(message ?? null),
      () => setFetched(null),
    );
  }, [room, id, loaded === undefined]);
  return loaded ?? fetched;
}

/** A message in one line. */
export function summaryOf(say: Say, { content, media, is_deleted }: Message): string {
  if (is_deleted) return say("conversation.deleted");
  if (content) return content.replaceAll(/\s+/g, " ");
  const [first] = media;
  if (!first) return "";
  if (media.length > 1) return say("conversation.files", { count: media.length });
  const kind = kindOf(first.content_type);
  return kind === "file" ? (first.name ?? say("conversation.file")) : say(`conversation.${kind}`);
}
