/** What a user's object remembers of push: whether there is a device, what is to be looked at, what devices show. */

/** A conversation of which there may be something to say. */
export interface Pending {
  conversation_id: string;
  /** The newest message no socket took; 0: only what is shown is to be looked at. */
  wanted: number;
  /** ms, when that came. */
  since: number;
  attempts: number;
  /** ms; not before. */
  due_at: number;
}

/** Whose object this is, which an alarm does not say; the generation rises with each registration of a device. */
export interface Pushing {
  user_id: string;
  generation: number;
}

const columns = "conversation_id, wanted, since, attempts, due_at";

export class InboxPushes {
  readonly #sql: SqlStorage;
  readonly #tables: { has: () => boolean; create: () => void };
  #pushing: Pushing | undefined;

  /** @param tables where there are none, there is no device */
  constructor(sql: SqlStorage, tables: { has: () => boolean; create: () => void }) {
    this.#sql = sql;
    this.#tables = tables;
    if (tables.has()) [this.#pushing] = this.#rows<Pushing>("select user_id, generation from pushing");
  }

  #rows<Row>(query: string, ...parameters: SqlStorageValue[]): Row[] {
    return this.#sql.exec<Row & Record<string, SqlStorageValue>>(query, ...parameters).toArray();
  }

  /** Undefined: there is no device, and nothing is kept. */
  get pushing(): Pushing | undefined {
    return this.#pushing;
  }

  /** A device was registered. */
  begin(userId: string): void {
    this.#tables.create();
    const generation = (this.#pushing?.generation ?? 0) + 1;
    this.#sql.exec("delete from pushing");
    this.#sql.exec("insert into pushing values (?, ?)", userId, generation);
    this.#pushing = { user_id: userId, generation };
  }

  /** There was no device any more. @param generation where one was registered meanwhile, nothing is done */
  end(generation: number): void {
    if (this.#pushing?.generation !== generation) return;
    for (const table of ["pushing", "pushes", "shown"]) this.#sql.exec(`delete from ${table}`);
    this.#pushing = undefined;
  }

  /** All that was stored is gone. */
  erased(): void {
    this.#pushing = undefined;
  }

  /** One that waits already does so until its time. */
  want(conversationId: string, wanted: number, { now, dueAt }: { now: number; dueAt: number }): void {
    this.#sql.exec(
      `insert into pushes (${columns}) values (?1, ?2, ?3, 0, ?4)
       on conflict (conversation_id) do update set wanted = excluded.wanted, since = excluded.since
       where excluded.wanted > wanted`,
      conversationId,
      wanted,
      now,
      dueAt,
    );
  }

  has(conversationId: string): boolean {
    return this.#rows("select 1 from pushes where conversation_id = ?", conversationId).length > 0;
  }

  /** Those whose time has come, the ones that wait longest first. */
  due(now: number, most: number): Pending[] {
    return this.#rows<Pending>(`select ${columns} from pushes where due_at <= ? order by due_at limit ?`, now, most);
  }

  /** When the next one's time comes, ms. */
  soonest(): number | undefined {
    if (!this.#pushing) return undefined;
    return this.#rows<{ at: number | null }>("select min(due_at) as at from pushes")[0]?.at ?? undefined;
  }

  postpone(conversationId: string, { attempts, dueAt }: { attempts: number; dueAt: number }): void {
    this.#sql.exec(
      "update pushes set attempts = ?, due_at = ? where conversation_id = ?",
      attempts,
      dueAt,
      conversationId,
    );
  }

  finish(conversationId: string): void {
    this.#sql.exec("delete from pushes where conversation_id = ?", conversationId);
  }

  // -- What devices show -----------------------------------------------------------------------------------------------

  /** By device, the sequence of the message it shows of a conversation. */
  shown(conversationId: string): Map<string, number> {
    const rows = this.#rows<{ device_id: string; sequence: number }>(
      "select device_id, sequence from shown where conversation_id = ?",
      conversationId,
    );
    return new Map(rows.map(({ device_id, sequence }) => [device_id, sequence]));
  }

  show(conversationId: string, deviceId: string, sequence: number): void {
    this.#sql.exec("insert or replace into shown values (?, ?, ?)", conversationId, deviceId, sequence);
  }

  hide(conversationId: string, deviceId: string): void {
    this.#sql.exec("delete from shown where conversation_id = ? and device_id = ?", conversationId, deviceId);
  }

  /** Others are not there any more. */
  keepDevices(deviceIds: readonly string[]): void {
    this.#sql.exec(
      "delete from shown where device_id not in (select value from json_each(?))",
      JSON.stringify(deviceIds),
    );
  }
}
