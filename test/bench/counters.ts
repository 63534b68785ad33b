/** What `workers/counting.ts` counts. */
export interface Counts {
  /** Rows written to SQLite, entries of indexes among them. */
  rows: number;
  statements: number;
  alarms: number;
  /** Calls of a conversation to members' objects. */
  deliver: number;
  /** Calls of a user's object, or of REST, to a conversation. */
  execute: number;
  /** Requests by the port they went to. */
  fetches: Record<string, number>;
}
