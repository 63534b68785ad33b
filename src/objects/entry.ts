import type { SystemCommand } from "../core/system.ts";
import type { Known, Outcome } from "../core/view.ts";
import type { ArchivedMessage } from "../db/messages.ts";
import type { Answer, Command } from "../protocol/commands.ts";
import type { Refusal, Result } from "../protocol/errors.ts";
import type { Message } from "../protocol/messages.ts";

/** A command and where its answer goes: to a direct socket, or to who called. */
export interface Entry {
  userId: string;
  /** A frame that never became a command waits its turn as what it was refused with. */
  command: Command | Refusal;
  ref?: string | undefined;
  /** `isHub`: the user's object asks, and tells the user's other sockets itself. */
  to: WebSocket | { isHub: boolean; settle: (result: Result<Answer>) => void };
  isMetered?: boolean;
  /** What was looked up for it in the archive. */
  found?: Found;
  /** What was read for it to copy. */
  source?: Message;
  /** What goes with its message, settled with the archive. */
  media?: Message["media"];
  /** The id of its message where the client chose none: the same each time it is decided. */
  freshId?: string;
}

/** Messages by id; undefined for one that the archive has not got either. */
export type Found = ReadonlyMap<string, ArchivedMessage | undefined>;

/** The direct socket it came by, if it did. */
export function socketOf({ to }: Entry): WebSocket | undefined {
  return to instanceof WebSocket ? to : undefined;
}

/** A message of the archive as the log would know it. @param isDeleted the log tells of its deletion */
export function knownOf(message: ArchivedMessage | undefined, isDeleted: boolean): Known | undefined {
  if (!message) return undefined;
  return {
    ...message,
    created_at: Date.parse(message.created_at),
    is_deleted: message.is_deleted || isDeleted,
    is_forward: message.forwarded_from !== undefined,
  };
}

/** What the server itself has to say, and who waits for what came of it: nothing where there is no conversation. */
export interface SystemEntry {
  system: SystemCommand;
  settle: (outcome: Outcome | undefined) => void;
}

export function refOf({ command, ref }: Entry): string | undefined {
  return "type" in command ? command.ref : ref;
}
