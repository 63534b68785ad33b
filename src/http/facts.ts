/** What conversations have a copy of: name, blocks and settings of their members. They are told when it changes. */
import { connect } from "../connect.ts";
import { dialogId } from "../core/hash.ts";
import { peopleByIds } from "../db/people.ts";
import { describeError, log } from "../log.ts";
import type { Person } from "../protocol/commands.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { AppContext } from "./context.ts";

/** @throws Fault UNAVAILABLE where it could not be told: who asked for the change repeats it */
async function telling(c: AppContext, userId: string, tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    log("error", "facts_untold", { request_id: c.get("requestId"), user_id: userId, ...describeError(error) });
    throw new Fault("UNAVAILABLE", "It is changed, but not told to the conversations yet: repeat it", {
      retry_after_ms: limits.unavailableRetryMs,
    });
  }
}

/** The user's object sees to it that all their conversations learn what is in Postgres now. */
export async function tellConversations(c: AppContext, userId: string): Promise<void> {
  const { USERS } = c.env;
  await telling(c, userId, () => USERS.get(USERS.idFromName(userId)).factsChanged());
}

/** The dialog of the two, if there is one, knows when this returns what is in Postgres now about the user. */
export async function tellDialog(c: AppContext, userId: string, other: string): Promise<void> {
  const { CONVERSATIONS } = c.env;
  const [person] = await peopleByIds(connect(c.env).db, [userId]);
  if (!person) return;
  const dialog = CONVERSATIONS.get(CONVERSATIONS.idFromName(dialogId(userId, other)));
  await telling(c, userId, () => dialog.know(person));
}

/**
 * People have come into a conversation as they were read before. Who changed meanwhile (a block, a name) did not find
 * the conversation among theirs: it is told here, or soon by their objects. That they are in it is so all the same.
 */
export async function retell(c: AppContext, roomId: string, people: Person[]): Promise<void> {
  const { CONVERSATIONS } = c.env;
  const room = CONVERSATIONS.get(CONVERSATIONS.idFromName(roomId));
  try {
    for (const person of await changedSince(c, people)) await room.know(person);
  } catch (error) {
    log("warn", "retell_failed", { request_id: c.get("requestId"), conversation_id: roomId, ...describeError(error) });
    await Promise.allSettled(people.map((person) => tellConversations(c, person.user_id)));
  }
}

async function changedSince(c: AppContext, people: Person[]): Promise<Person[]> {
  const before = new Map(people.map(({ user_id, revision }) => [user_id, revision]));
  const now = await peopleByIds(connect(c.env).db, [...before.keys()]);
  return now.filter(({ user_id, revision }) => revision !== before.get(user_id));
}
