/**
 * Commands that need a message the log has not got: it is asked of the archive, or of the conversation it is in, and what
 * its user sends meanwhile waits behind.
 */
import type { Known, Outcome, Place, Room } from "../core/view.ts";
import type { Database } from "../db/connect.ts";
import { messagesByIds } from "../db/messages.ts";
import { describeError, log as writeLog } from "../log.ts";
import type { Command } from "../protocol/commands.ts";
import { Fault, type Refusal, refusalOf, refuse } from "../protocol/errors.ts";
import type { Message } from "../protocol/messages.ts";
import type { WantedMedia } from "./attachments.ts";
import { type Entry, refOf } from "./entry.ts";
import type { Log } from "./log.ts";

export interface LookupParts {
  log: Log;
  db: Database;
  /** Reads a message as a member of its conversation. @throws Fault for who may not, or where it is away */
  read(userId: string, place: Place): Promise<Message>;
  /** Gives a message its media. @throws Fault for who may not, UNAVAILABLE */
  settleMedia(of: { userId: string; source: Message | undefined }, wants: WantedMedia): Promise<Message["media"]>;
  /** Takes them from a message that did not come to be. */
  releaseMedia(messageId: string, ids: string[]): void;
}

export class Lookups {
  readonly #parts: LookupParts;
  readonly #resume: (entries: Entry[]) => void;
  /** Users one of whose commands is out. */
  readonly #waiting = new Map<string, Entry[]>();

  /** @param resume takes a command that has what it needs, and those behind it, before what came after them */
  constructor(parts: LookupParts, resume: (entries: Entry[]) => void) {
    this.#parts = parts;
    this.#resume = resume;
  }

  /** Keeps a command that has to wait behind one of the same user. @returns whether it has to */
  holds(entry: Entry): boolean {
    const behind = this.#waiting.get(entry.userId);
    behind?.push(entry);
    return behind !== undefined;
  }

  /** Ids the rule will ask for and the log cannot answer, because not all of the archive's ids are here yet. */
  missing({ found }: Entry, command: Command): string[] {
    const { log } = this.#parts;
    if (log.archive.isComplete) return [];
    const isOpen = (id: string | undefined): id is string => id !== undefined && !found?.has(id) && !log.rows.known(id);
    if (command.type === "message") return [command.id, command.reply_to].filter(isOpen);
    if (command.type === "message_forward") return [command.id].filter(isOpen);
    return "message_id" in command ? [command.message_id].filter(isOpen) : [];
  }

  /** The message a command repeats, where it lies below the floor: its text is in the archive only. */
  pruned({ found }: Entry, { repeat }: Outcome): string[] {
    const isPruned = ({ id }: Known) => !found?.has(id) && this.#parts.log.rows.known(id)?.frame === null;
    return repeat && isPruned(repeat) ? [repeat.id] : [];
  }

  /** Asks for messages; the command comes again when they are here. @returns whether there is any to ask for */
  begin(entry: Entry, ids: readonly string[], { id, epoch }: Room): boolean {
    if (ids.length === 0) return false;
    this.#wait(entry, async () => {
      const messages = await messagesByIds(this.#parts.db, id, epoch, [...ids]);
      const byId = new Map(messages.map((message) => [message.id, message]));
      entry.found = new Map([...(entry.found ?? []), ...ids.map((id) => [id, byId.get(id)] as const)]);
    });
    return true;
  }

  /** Fetches what a command wants; it comes again with it. @returns whether it wants anything */
  fetch(entry: Entry, { wants }: Outcome): boolean {
    if (!wants) return false;
    const { read, settleMedia } = this.#parts;
    this.#wait(entry, async () => {
      if ("read" in wants) entry.source = await read(entry.userId, wants.read);
      else entry.media = await settleMedia({ userId: entry.userId, source: entry.source }, wants);
    });
    return true;
  }

  /** It was refused in the end: what was settled for it is free again. */
  release({ media, freshId, command }: Entry): void {
    if (!media || !("type" in command)) return;
    const id = ("id" in command ? command.id : undefined) ?? freshId;
    if (id !== undefined)
      this.#parts.releaseMedia(
        id,
        media.map((one) => one.id),
      );
  }

  /** The command comes again when all is here, or as what it was refused with. */
  #wait(entry: Entry, ask: () => Promise<void>): void {
    this.#waiting.set(entry.userId, [entry]);
    void ask()
      .catch((error: unknown) => {
        entry.ref = refOf(entry);
        entry.command = this.#refusalOf(error);
      })
      .then(() => this.#release(entry.userId));
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Fault) return refusalOf(error);
    writeLog("error", "lookup_failed", { conversation_id: this.#parts.log.room?.id, ...describeError(error) });
    return refuse("INTERNAL_ERROR", "The command failed");
  }

  #release(userId: string): void {
    const entries = this.#waiting.get(userId) ?? [];
    this.#waiting.delete(userId);
    this.#resume(entries);
  }
}
