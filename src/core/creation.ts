/** How a conversation begins. */

import type { Creation } from "../protocol/commands.ts";
import { type Refusal, refuse } from "../protocol/errors.ts";
import { isOpenTo } from "./blocks.ts";
import { newMembership, type Room } from "./view.ts";

/** Why it is not to begin; one that is there stays open to both. */
export function unbegun({ kind, creator, people }: Creation): Refusal | undefined {
  if (kind !== "dialog" || people.every((person) => isOpenTo(person, creator.user_id))) return undefined;
  return refuse("PERMISSION_DENIED", "This person takes no dialog from you");
}

/**
 * A conversation as it begins; who has blocked the creator is not in it.
 * @param creation the people without the creator; a dialog's two are equal
 */
export function newRoom(id: string, epoch: string, creation: Creation, now: number): Room {
  const { kind, creator } = creation;
  const people = creation.people.filter((person) => isOpenTo(person, creator.user_id));
  const members = [
    newMembership(creator, kind === "dialog" ? "MEMBER" : "OWNER", 0, now),
    ...people.map((person) => newMembership(person, "MEMBER", 0, now)),
  ];
  return {
    id,
    kind,
    title: creation.title ?? null,
    description: creation.description ?? null,
    avatar_url: null,
    public: creation.public,
    epoch,
    head: 0,
    floor: 0,
    created_by: creator.user_id,
    body_hash: creation.body_hash,
    created_at: now,
    updated_at: now,
    deleted_at: null,
    members: new Map(members.map((member) => [member.user_id, member])),
  };
}
