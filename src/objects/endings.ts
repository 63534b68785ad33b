/** What follows the end of sessions, soon and until it is done: Redis refuses their tokens, their direct sockets close. */

import { limits } from "../protocol/limits.ts";
import type { Cache } from "../services/cache.ts";
import type { Inbox } from "./inbox.ts";
import type { Work } from "./jobs.ts";

/** Two jobs, so that neither waits for the other; what is remembered of an ended session lapses, and with it its call. */
export function endingWorks(inbox: Inbox, cache: Cache): Record<"refusals" | "endings", Work> {
  const next = () => inbox.untold(Date.now(), limits.endedSlice);
  const common = { after: async () => undefined, restMs: limits.backoffMostMs };
  return {
    refusals: {
      ...common,
      async begin() {
        for (let ids = next(); ids.length > 0; ids = next()) {
          await cache.endSessions(ids);
          inbox.told(ids);
        }
        return [];
      },
      telling: async () => async () => null,
    },
    endings: {
      ...common,
      begin: async () => inbox.endedPlaces(Date.now()),
      telling: async ({ user_id }) => {
        return async (conversation, { conversation_id }) => {
          for (const id of inbox.endedIn(conversation_id, Date.now())) await conversation.endSession(user_id, id);
          return null;
        };
      },
    },
  };
}
