/** The product, with counters beside it: what it asks of storage, of other objects and of the backends. `GET /counts` tells, and begins anew. */

import type { Env } from "../../../src/env.ts";
import worker, { ConversationObject, UserObject } from "../../../src/worker.ts";
import type { Counts } from "../counters.ts";

const none: Counts = { rows: 0, statements: 0, alarms: 0, deliver: 0, execute: 0, fetches: {} };
let counts = structuredClone(none);

const send = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const { port } = new URL(input instanceof Request ? input.url : input);
  counts.fetches[port] = (counts.fetches[port] ?? 0) + 1;
  return send(input, init);
};

let isWatching = false;

/** Objects of one isolate share the prototype of their storage. */
function watch({ storage }: DurableObjectState): void {
  if (isWatching) return;
  isWatching = true;
  const sql = Object.getPrototypeOf(storage.sql);
  const { exec } = sql;
  sql.exec = function (this: SqlStorage, ...given: Parameters<SqlStorage["exec"]>) {
    const cursor = exec.apply(this, given);
    counts.statements += 1;
    counts.rows += cursor.rowsWritten; // what a statement writes is written when it is begun
    return cursor;
  };
  const kept = Object.getPrototypeOf(storage);
  const { setAlarm } = kept;
  kept.setAlarm = function (this: DurableObjectStorage, ...given: Parameters<DurableObjectStorage["setAlarm"]>) {
    counts.alarms += 1;
    return setAlarm.apply(this, given);
  };
}

class CountingConversation extends ConversationObject {
  constructor(ctx: DurableObjectState, env: Env) {
    watch(ctx);
    super(ctx, env);
  }

  override execute(...given: Parameters<ConversationObject["execute"]>) {
    counts.execute += 1;
    return super.execute(...given);
  }
}

class CountingUser extends UserObject {
  constructor(ctx: DurableObjectState, env: Env) {
    watch(ctx);
    super(ctx, env);
  }

  override deliver(...given: Parameters<UserObject["deliver"]>) {
    counts.deliver += 1;
    return super.deliver(...given);
  }
}

export { CountingConversation as ConversationObject, CountingUser as UserObject };

// biome-ignore lint/style/noDefaultExport: the platform reads the Worker from the default export.
export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response> {
    if (new URL(request.url).pathname !== "/counts") return worker.fetch(request, env, ctx);
    const told = counts;
    counts = structuredClone(none);
    return Response.json(told);
  },
};
