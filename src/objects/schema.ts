/**
 * The version of an object's tables. It migrates on waking; a landed version is never edited, the next one is added.
 */

/** Brings the tables to the newest version. @returns whether there are any: without them nothing is written */
export function migrate(sql: SqlStorage, versions: readonly string[]): boolean {
  const hasTables = sql.exec("select 1 from sqlite_master where name = 'version'").toArray().length > 0;
  if (hasTables) create(sql, versions);
  return hasTables;
}

/** The same where there are none yet: only for an object that has something to keep. */
export function create(sql: SqlStorage, versions: readonly string[]): void {
  sql.exec("create table if not exists version (number integer not null)");
  const [row] = sql.exec<{ number: number }>("select number from version").toArray();
  for (const statements of versions.slice(row?.number ?? 0)) sql.exec(statements);
  if (!row) sql.exec("insert into version values (?)", versions.length);
  else if (row.number < versions.length) sql.exec("update version set number = ?", versions.length);
}
