/** What the parts of a client share. */
import type { ClientFrame, EventFrame, ServerFrame } from "../protocol/frames.ts";
import type { Client } from "./api.ts";

export interface House {
  readonly call: Client["call"];
  /** One's own id; empty where nobody is signed in. */
  readonly me: string;
  /** By the socket of the frame's conversation, else the user's. @returns whether there is one */
  say(frame: ClientFrame): boolean;
  /** An event to those who listen, after it was applied. */
  tell(frame: ServerFrame): void;
  /** Says what there is no route for; one's own event is the answer. @throws PingMeError */
  ask(frame: Extract<ClientFrame, { type: "pin" }>): Promise<void>;
  /** While something is loaded, threads keep what they hear, to apply it to what comes. */
  readonly isLoading: boolean;
  during<T>(load: () => Promise<T>): Promise<T>;
  /** Something of a conversation is another, of the list or its room. */
  changed(conversationId: string): void;
  /** A message of one's own was heard, or is known to be there. */
  arrived(messageId: string): void;
}

/** What a room makes of what its thread hears. */
export interface Listener {
  applied(event: EventFrame): void;
  /** What was missed is not replayed. */
  reset(): void;
  /** How many are unread after a sequence, where that is known. */
  unreadAfter(sequence: number): number | undefined;
}
