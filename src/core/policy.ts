import type { Kind, Role } from "../protocol/conversations.ts";

/** The role table: who may do what, by role in a group; `dialog` for both people of a dialog. */
const table = {
  read: ["OWNER", "ADMIN", "MEMBER", "dialog"],
  send: ["OWNER", "ADMIN", "MEMBER", "dialog"],
  react: ["OWNER", "ADMIN", "MEMBER", "dialog"],
  edit_own: ["OWNER", "ADMIN", "MEMBER", "dialog"],
  delete_own: ["OWNER", "ADMIN", "MEMBER", "dialog"],
  delete_others: ["OWNER", "ADMIN"],
  pin: ["OWNER", "ADMIN", "dialog"],
  change: ["OWNER", "ADMIN"],
  add: ["OWNER", "ADMIN"],
  invite: ["OWNER", "ADMIN"],
  remove: ["OWNER", "ADMIN"],
  give_role: ["OWNER"],
  transfer: ["OWNER"],
  leave: ["OWNER", "ADMIN", "MEMBER", "dialog"],
  delete: ["OWNER", "dialog"],
  restore: ["OWNER"],
} as const satisfies Record<string, readonly (Role | "dialog")[]>;

export type Action = keyof typeof table;

export function allowed(kind: Kind, role: Role, action: Action): boolean {
  const who: readonly (Role | "dialog")[] = table[action];
  return who.includes(kind === "dialog" ? "dialog" : role);
}

/** An owner removes or overrules anybody else; an admin only members. */
export function outranks(actor: Role, other: Role): boolean {
  return actor === "OWNER" ? other !== "OWNER" : actor === "ADMIN" && other === "MEMBER";
}
