/** What follows a change of an account, or its end: which conversations are told of it, and what. */
import type { Services } from "../connect.ts";
import { closeAccount, placesOf, sessionIdsOf } from "../db/forgetting.ts";
import { peopleByIds } from "../db/people.ts";
import { unwrap } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Inbox } from "./inbox.ts";
import type { JobName } from "./inbox-jobs.ts";
import type { Work } from "./jobs.ts";

export interface AccountParts {
  services: Services;
  inbox: Inbox;
  /** Ends sessions here and in the conversations: their sockets close. */
  revoke(userId: string, sessionIds: string[]): Promise<void>;
  /** Nothing is left to be remembered. */
  erase(): Promise<void>;
}

/**
 * Ends the account in Postgres and in Redis, and its sessions everywhere. Which sessions there were is remembered first,
 * in case the answer that they are gone is lost.
 * @returns the sessions' ids
 * @throws Fault UNAVAILABLE
 */
export async function endAccount({ services, inbox, revoke }: AccountParts, userId: string): Promise<string[]> {
  const { db, cache, profiles } = services;
  const now = Date.now();
  inbox.end(await sessionIdsOf(db, userId), now);
  inbox.end(await closeAccount(db, userId, now), now);
  const ended = inbox.ended();
  await revoke(userId, ended);
  await profiles.forget(userId);
  await cache.endSessions(ended);
  return ended;
}

export function accountWorks(parts: AccountParts): Record<JobName, Work> {
  const { services } = parts;
  return {
    facts: {
      begin: ({ user_id }) => placesOf(services.db, user_id, "now"),
      async telling({ user_id }) {
        const [person] = await peopleByIds(services.db, [user_id]);
        return async (conversation) => {
          if (person) await conversation.know(person);
          return null;
        };
      },
      after: async () => undefined,
    },
    forget: {
      async begin({ user_id }) {
        await endAccount(parts, user_id);
        return await placesOf(services.db, user_id, "ever");
      },
      telling: async ({ user_id, erase }) => {
        return async (conversation, after) => unwrap(await conversation.forget({ user_id, erase, after }));
      },
      /** Once more when nobody can act for them any more: what was under way when the account ended is found then. */
      async after({ round, begun_at }) {
        if (round === 1) return begun_at + limits.endedSessionMs;
        await parts.erase();
        return undefined;
      },
    },
  };
}
