/** What a user's object hears of the user's conversations, and what it knows of them. */
import type { OwnChange } from "./commands.ts";

export interface SequencedFrame {
  sequence: number;
  text: string;
  /** Sent right after it: the `inbox` of a conversation new to this user. */
  after?: string;
}

export interface Delivery extends OwnChange {
  conversation_id: string;
  epoch: string;
  /** An active direct socket of the user there has them. */
  isTaken: boolean;
  /** In sequence order. */
  frames: SequencedFrame[];
}

export interface Position {
  conversation_id: string;
  epoch: string;
  sequence: number;
}

/** The newest event a user's object has heard of. */
export interface Head extends Position {
  /** ms, when it was heard of. */
  heard_at: number;
}

export interface Heads {
  heard: Head[];
  /** Conversations a direct socket is open in: their events pass by the user's object. */
  attached: string[];
  /** Conversations where the user changed where they stand lately: no event, and it reaches the archive a moment later. */
  marked: string[];
}
