/** What conversations have a copy of: name, blocks and settings of their members. They are told when it changes. */
import { connect } from "../connect.ts";
import { dialogId } from "../core/hash.ts";
import { peopleByIds } from "../db/people.ts";
import { describeError, log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Person } from "../protocol/rpc.ts";
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
 * the conversation among theirs: it is told here.
 */
export async function retell(c: AppContext, roomId: string, people: Person[]): Promise<void> {
  const { CONVERSATIONS } = c.env;
  const before = new Map(people.map(({ user_id, revision }) => [user_id, revision]));
  const now = await peopleByIds(
    connect(c.env).db,
    people.map((person) => person.user_id),
  );
  for (const person of now.filter(({ user_id, revision }) => revision !== before.get(user_id))) {
    const room = CONVERSATIONS.get(CONVERSATIONS.idFromName(roomId));
    await telling(c, person.user_id, () => room.know(person));
    await tellConversations(c, person.user_id);
  }
}
