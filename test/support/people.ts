import type { Person } from "../../src/protocol/commands.ts";

/** Somebody as a conversation knows them, who has chosen and blocked nothing. */
export function person(user_id: string, name = "N"): Person {
  return { user_id, name, shows_reading: true, shows_presence: true, blocks: new Set(), revision: 0 };
}
