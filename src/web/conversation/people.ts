/** Who people are, by their ids: from the members of what is open, else asked for once. */
import { isRefusal } from "../../client/error.ts";
import { cell, type Observable } from "../../client/observable.ts";
import type { User } from "../../protocol/users.ts";
import { client } from "../client.ts";

const known = cell<ReadonlyMap<string, User>>(new Map());
const asked = new Set<string>();

export const people: Observable<ReadonlyMap<string, User>> = known;

export function meet(users: readonly User[]): void {
  const others = users.filter((user) => JSON.stringify(user) !== JSON.stringify(known.value.get(user.id)));
  if (others.length === 0) return;
  known.set(new Map([...known.value, ...others.map((user) => [user.id, user] as const)]));
}

/** Asks for who is not known yet, once. One who is gone stays unknown. */
export function askFor(userId: string): void {
  if (known.value.has(userId) || asked.has(userId)) return;
  asked.add(userId);
  client.call("GET /users/{id}", { path: { id: userId } }).then(
    (user) => meet([user]),
    (error) => isRefusal(error, 404) || asked.delete(userId),
  );
}
