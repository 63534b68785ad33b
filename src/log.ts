export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Record<string, string | number | boolean | null | undefined>;

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
let threshold: LogLevel = "info";

/** Lines below this level are not written; one setting for the isolate. */
export function setLogLevel(level: LogLevel): void {
  threshold = level;
}

/**
 * One JSON line an event. Fields are facts about the event: ids, counts, codes, milliseconds. Never a token, a code,
 * a password, an address of mail or the text of a message.
 */
export function log(level: LogLevel, event: string, fields: LogFields = {}): void {
  if (ranks[level] < ranks[threshold]) return;
  // biome-ignore lint/suspicious/noConsole: the one place that writes; the platform's log is the console.
  console.log(JSON.stringify({ time: new Date().toISOString(), level, event, ...fields }));
}

/** What of an unknown error may be logged: its name and message, and the codes of the database's errors. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  // A query's error repeats its parameters, which may be text of messages: only the first line of the cause is kept.
  const message = cause instanceof Error ? cause.message.split("\n", 1)[0] : error.message;
  return { error: error.name, message, code, stack: cause ? undefined : error.stack };
}
