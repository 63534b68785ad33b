/** What a role may do, by the table of the wire contract: nothing is offered that would be refused. */
import type { Conversation, Member, Role } from "../../protocol/conversations.ts";

export type Right = "change" | "add" | "invite" | "unpin";

const rights: Record<Right, readonly (Role | "dialog")[]> = {
  change: ["OWNER", "ADMIN"],
  add: ["OWNER", "ADMIN"],
  invite: ["OWNER", "ADMIN"],
  unpin: ["OWNER", "ADMIN", "dialog"],
};

export const may = ({ kind, me }: Pick<Conversation, "kind" | "me">, right: Right): boolean =>
  rights[right].includes(kind === "dialog" ? "dialog" : me.role);

export type MemberChoice = "makeAdmin" | "takeAdmin" | "transfer" | "remove";

/** With another member, never with oneself. */
export function memberChoices(mine: Role, theirs: Role): MemberChoice[] {
  if (mine === "OWNER") return [theirs === "ADMIN" ? "takeAdmin" : "makeAdmin", "transfer", "remove"];
  return mine === "ADMIN" && theirs === "MEMBER" ? ["remove"] : [];
}

const ranks: Record<Role, number> = { OWNER: 0, ADMIN: 1, MEMBER: 2 };

/** Those who lead first, each rank in the order of joining. */
export const inRank = (members: readonly Member[]): Member[] =>
  members.toSorted((one, other) => ranks[one.role] - ranks[other.role]);

/** Those whose name or username has a word that begins so. */
export function membersLike(members: readonly Member[], text: string): Member[] {
  const wanted = text.trim().replace(/^@/, "").toLocaleLowerCase();
  if (!wanted) return [...members];
  const begins = (name: string) =>
    name.startsWith(wanted) || name.split(/[^\p{L}\p{N}_]+/u).some((word) => word.startsWith(wanted));
  return members.filter(({ user: { name, username = "" } }) =>
    [name, username].some((one) => begins(one.toLocaleLowerCase())),
  );
}
