/** Frames that name a message and need not say which conversation it is in: it can be found. */

import type { Command } from "../protocol/commands.ts";
import type { ClientFrame } from "../protocol/frames.ts";

const findable = ["message_edit", "message_delete", "message_forward", "reaction", "pin", "ack"] as const;
type FindableFrame = Extract<ClientFrame, { type: (typeof findable)[number] }>;

/** A frame, and the message it names without saying where it is. */
export interface Unplaced {
  frame: FindableFrame;
  messageId: string;
}

function isFindable(frame: ClientFrame): frame is FindableFrame {
  return findable.some((type) => type === frame.type);
}

/** @returns undefined where nothing is left out, or something that has to be said */
export function unplaced(frame: ClientFrame): Unplaced | undefined {
  if (!isFindable(frame) || frame.message_id === undefined) return undefined;
  const isLeftOut =
    frame.type === "message_forward"
      ? frame.conversation_id !== undefined && frame.from_conversation_id === undefined
      : frame.conversation_id === undefined;
  return isLeftOut ? { frame, messageId: frame.message_id } : undefined;
}

/** The frame as if it had said so. */
export function placed({ frame }: Unplaced, conversation_id: string): ClientFrame {
  if (frame.type === "message_forward") return { ...frame, from_conversation_id: conversation_id };
  return { ...frame, conversation_id };
}

export function isSaying(type: Command["type"]): boolean {
  return type === "message" || type === "message_forward";
}

/** The message a command makes under an id of its own choice, or names. */
export function messageIn(command: Command): string | undefined {
  if (command.type === "message" || command.type === "message_forward") return command.id;
  return "message_id" in command ? command.message_id : undefined;
}

const idField = '"id":"';
const idLength = 36;

/** The id of the message a stored event says, without parsing all of it; undefined for other events. */
export function idOfSaid(text: string): string | undefined {
  if (!text.startsWith('{"type":"message"') && !text.startsWith('{"type":"message_forward"')) return undefined;
  // Quotes within a content are escaped: the first of these is the message's own.
  const at = text.indexOf(idField) + idField.length;
  // Parsed, it is a string of its own: a slice would keep the whole text in memory.
  return JSON.parse(`"${text.slice(at, at + idLength)}"`);
}
