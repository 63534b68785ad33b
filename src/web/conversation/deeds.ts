/** What a history asks of the pane around it. One object for as long as the conversation is open. */

import type { ShownMessage } from "../../protocol/messages.ts";
import type { Media } from "./media-kinds.ts";

export type Spot = DOMRect | { x: number; y: number };

export interface Deeds {
  /** All that can be done with it. */
  menu(message: ShownMessage, at: Spot): void;
  react(message: ShownMessage, emoji: string): void;
  reply(message: ShownMessage): void;
  /** To a message, wherever it is. */
  jump(sequence: number): void;
  view(message: ShownMessage, media: Media): void;
  retry(id: string): void;
  discard(id: string): void;
}
