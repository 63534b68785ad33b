/** What a user's object has promised to tell conversations: jobs, and for each the calls that are still to be made. */

export type JobName = "facts" | "forget" | "refusals" | "endings";

export interface Job {
  name: JobName;
  /** Whose object this is: an alarm does not say. */
  user_id: string;
  /** Rises with each beginning: what was found out for an earlier one no longer counts. */
  generation: number;
  /** From 1. */
  round: number;
  /** ms, since when the calls of this round are here; null: they are not yet. */
  listed_at: number | null;
  erase: boolean;
  attempts: number;
  /** ms; not before. */
  due_at: number;
}

export interface Call {
  conversation_id: string;
  /** How far it got. */
  after: number;
  attempts: number;
}

type JobRow = Omit<Job, "erase"> & { erase: number };

export class InboxJobs {
  readonly #sql: SqlStorage;
  readonly #tables: { has: () => boolean; create: () => void };

  /** @param tables where there are none, there is no job */
  constructor(sql: SqlStorage, tables: { has: () => boolean; create: () => void }) {
    this.#sql = sql;
    this.#tables = tables;
  }

  /** Begins a job, or begins it anew; what it was to erase stays to be erased. */
  begin(name: JobName, { userId, erase, now }: { userId: string; erase: boolean; now: number }): void {
    this.#tables.create();
    this.#sql.exec("delete from calls where job = ?", name);
    this.#sql.exec(
      `insert into jobs (name, user_id, generation, round, listed_at, erase, attempts, due_at)
       values (?1, ?4, 1, 1, null, ?3, 0, ?2)
       on conflict (name) do update set generation = generation + 1, round = 1, listed_at = null,
         erase = max(erase, excluded.erase), attempts = 0, due_at = excluded.due_at`,
      name,
      now,
      Number(erase),
      userId,
    );
  }

  all(): Job[] {
    if (!this.#tables.has()) return [];
    return this.#sql
      .exec<JobRow>("select * from jobs")
      .toArray()
      .map((row) => ({ ...row, erase: row.erase === 1 }));
  }

  find(name: JobName): Job | undefined {
    return this.all().find((job) => job.name === name);
  }

  /** When the next thing is to be done for a job, ms. */
  dueAt(job: Job): number {
    const { soonest } = this.#sql
      .exec<{ soonest: number | null }>("select min(due_at) as soonest from calls where job = ?", job.name)
      .one();
    return Math.max(job.due_at, soonest ?? 0);
  }

  hasCalls({ name }: Job): boolean {
    return this.#sql.exec("select 1 from calls where job = ? limit 1", name).toArray().length > 0;
  }

  /** Calls whose time has come, those that wait longest first. */
  calls({ name }: Job, now: number, most: number): Call[] {
    return this.#sql
      .exec<Call & Record<string, SqlStorageValue>>(
        "select conversation_id, after, attempts from calls where job = ? and due_at <= ? order by due_at limit ?",
        name,
        now,
        most,
      )
      .toArray();
  }

  list({ name }: Job, conversationIds: readonly string[], now: number): void {
    this.#sql.exec(
      "insert or ignore into calls select ?, value, 0, 0, ? from json_each(?)",
      name,
      now,
      JSON.stringify(conversationIds),
    );
    this.#sql.exec("update jobs set listed_at = ?1, attempts = 0, due_at = ?1 where name = ?2", now, name);
  }

  /** @param after how far it got; null: it is done */
  called({ name }: Job, conversationId: string, after: number | null): void {
    if (after === null) {
      this.#sql.exec("delete from calls where job = ? and conversation_id = ?", name, conversationId);
    } else {
      this.#sql.exec(
        "update calls set after = ?, attempts = 0 where job = ? and conversation_id = ?",
        after,
        name,
        conversationId,
      );
    }
  }

  /** It did not answer: not before `dueAt` again. */
  failed({ name }: Job, conversationId: string, dueAt: number): void {
    this.#sql.exec(
      "update calls set attempts = attempts + 1, due_at = ? where job = ? and conversation_id = ?",
      dueAt,
      name,
      conversationId,
    );
  }

  postpone({ name }: Job, dueAt: number): void {
    this.#sql.exec("update jobs set attempts = attempts + 1, due_at = ? where name = ?", dueAt, name);
  }

  nextRound({ name }: Job, dueAt: number): void {
    this.#sql.exec("update jobs set round = round + 1, listed_at = null, due_at = ? where name = ?", dueAt, name);
  }

  end(name: JobName): void {
    if (!this.#tables.has()) return;
    this.#sql.exec("delete from calls where job = ?", name);
    this.#sql.exec("delete from jobs where name = ?", name);
  }
}
