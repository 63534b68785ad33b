/** The invites of a group in its object's SQLite. */
import type { Invite } from "../core/view.ts";

type Row = Invite & Record<string, SqlStorageValue>;

const usable = "ended_at is null and (expires_at is null or expires_at > ?) and (max_uses is null or uses < max_uses)";
const columns = "id, token_hash, created_by, created_at, expires_at, max_uses, uses, ended_at";

export class LogInvites {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(by: { id: string } | { token_hash: string }): Invite | undefined {
    const [column, value] = "id" in by ? ["id", by.id] : ["token_hash", by.token_hash];
    return this.#sql.exec<Row>(`select ${columns} from invites where ${column} = ?`, value).toArray()[0];
  }

  countUsable(now: number): number {
    return this.#sql.exec<{ count: number }>(`select count(*) as count from invites where ${usable}`, now).one().count;
  }

  /** Those that can be used, the newest first, with ids below `after`. */
  usable(now: number, after: string | undefined, limit: number): Invite[] {
    return this.#sql
      .exec<Row>(
        `select ${columns} from invites where ${usable} and (?2 is null or id < ?2) order by id desc limit ?3`,
        now,
        after ?? null,
        limit,
      )
      .toArray();
  }

  /** @param revision 0 for one that Postgres has as it is */
  write(invite: Invite, revision = 1): void {
    this.#sql.exec(
      `insert into invites (${columns}, revision) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (id) do update set uses = excluded.uses, ended_at = excluded.ended_at, revision = revision + 1`,
      invite.id,
      invite.token_hash,
      invite.created_by,
      invite.created_at,
      invite.expires_at,
      invite.max_uses,
      invite.uses,
      invite.ended_at,
      revision,
    );
  }

  undrained(): { invite: Invite; revision: number }[] {
    return this.#sql
      .exec<Row & { revision: number }>(`select ${columns}, revision from invites where revision > 0`)
      .toArray()
      .map(({ revision, ...invite }) => ({ invite, revision }));
  }

  /** Postgres has it, unless it has changed since. */
  drained({ invite, revision }: { invite: Invite; revision: number }): void {
    this.#sql.exec("update invites set revision = 0 where id = ? and revision = ?", invite.id, revision);
  }
}
