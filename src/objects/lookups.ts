/** Commands that need a message the log has not got: it is asked of the archive, and what its user sends meanwhile waits behind. */
import type { Known, Outcome, Room } from "../core/view.ts";
import type { Database } from "../db/connect.ts";
import { messagesByIds } from "../db/messages.ts";
import { describeError, log as writeLog } from "../log.ts";
import { Fault, type Refusal, refusalOf, refuse } from "../protocol/errors.ts";
import type { Command } from "../protocol/rpc.ts";
import { type Entry, refOf } from "./entry.ts";
import type { Log } from "./log.ts";

export class Lookups {
  readonly #log: Log;
  readonly #db: Database;
  readonly #submit: (entry: Entry) => void;
  /** Users one of whose commands is out. */
  readonly #waiting = new Map<string, Entry[]>();

  /** @param submit takes a command that has what it needs, and those behind it */
  constructor({ log, db }: { log: Log; db: Database }, submit: (entry: Entry) => void) {
    this.#log = log;
    this.#db = db;
    this.#submit = submit;
  }

  /** Keeps a command that has to wait behind one of the same user. @returns whether it has to */
  holds(entry: Entry): boolean {
    const behind = this.#waiting.get(entry.userId);
    behind?.push(entry);
    return behind !== undefined;
  }

  /** Ids the rule will ask for and the log cannot answer, because not all of the archive's ids are here yet. */
  missing({ found }: Entry, command: Command): string[] {
    if (this.#log.archive.isComplete) return [];
    const isOpen = (id: string | undefined): id is string =>
      id !== undefined && !found?.has(id) && !this.#log.rows.known(id);
    if (command.type === "message") return [command.id, command.reply_to].filter(isOpen);
    return "message_id" in command ? [command.message_id].filter(isOpen) : [];
  }

  /** The message a command repeats, where it lies below the floor: its text is in the archive only. */
  pruned({ found }: Entry, { repeat }: Outcome): string[] {
    const isPruned = ({ id }: Known) => !found?.has(id) && this.#log.rows.known(id)?.frame === null;
    return repeat && isPruned(repeat) ? [repeat.id] : [];
  }

  /** Asks for messages; the command comes again when they are here. @returns whether there is any to ask for */
  begin(entry: Entry, ids: readonly string[], room: Room): boolean {
    if (ids.length === 0) return false;
    this.#waiting.set(entry.userId, [entry]);
    void messagesByIds(this.#db, room.id, room.epoch, [...ids]).then(
      (messages) => {
        const byId = new Map(messages.map((message) => [message.id, message]));
        entry.found = new Map([...(entry.found ?? []), ...ids.map((id) => [id, byId.get(id)] as const)]);
        this.#release(entry.userId);
      },
      (error: unknown) => {
        entry.ref = refOf(entry);
        entry.command = refusalOfFailure(error, room.id);
        this.#release(entry.userId);
      },
    );
    return true;
  }

  #release(userId: string): void {
    const entries = this.#waiting.get(userId) ?? [];
    this.#waiting.delete(userId);
    for (const entry of entries) this.#submit(entry);
  }
}

function refusalOfFailure(error: unknown, conversation_id: string): Refusal {
  if (error instanceof Fault) return refusalOf(error);
  writeLog("error", "lookup_failed", { conversation_id, ...describeError(error) });
  return refuse("INTERNAL_ERROR", "The command failed");
}
