/** What follows a change of an account, or its end: which conversations are told of it, and what. */
import type { Services } from "../connect.ts";
import { closeAccount, livingSessionsOf, placesOf } from "../db/forgetting.ts";
import { peopleByIds } from "../db/people.ts";
import { describeError, log } from "../log.ts";
import { unwrap } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Work } from "./jobs.ts";

export interface AccountParts {
  services: Services;
  /** Promises that the sessions end everywhere. */
  revoke(userId: string, sessionIds: string[]): void;
  /** Nothing is left to be remembered. */
  erase(): Promise<void>;
}

/**
 * Ends the account in Postgres, and its sessions everywhere. Which sessions there were is remembered first, in case the
 * answer that they are gone is lost.
 * @throws Fault UNAVAILABLE
 */
export async function endAccount({ services, revoke }: AccountParts, userId: string): Promise<void> {
  const { db, profiles } = services;
  const now = Date.now();
  revoke(userId, await livingSessionsOf(db, userId, now));
  revoke(userId, await closeAccount(db, userId, now));
  await profiles.forget(userId);
}

/** Bytes that were the account's alone. What does not go now goes with the next sweep. */
async function sweepOwn({ leftovers }: Services): Promise<void> {
  try {
    await leftovers.sweep(limits.mediaPerSweep);
  } catch (error) {
    log("warn", "sweep_put_off", describeError(error));
  }
}

export function accountWorks(parts: AccountParts): Record<"facts" | "forget", Work> {
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
        await sweepOwn(services);
        return await placesOf(services.db, user_id, "ever");
      },
      telling: async ({ user_id, erase }) => {
        return async (conversation, { after }) => unwrap(await conversation.forget({ user_id, erase, after }));
      },
      /** Once more when nobody can act for them any more: what was under way when the account ended is found then. */
      async after({ round }, listedAt) {
        if (round === 1) return listedAt + limits.endedSessionMs;
        await parts.erase();
        return undefined;
      },
    },
  };
}
