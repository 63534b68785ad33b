import { log, setLogLevel } from "./log.ts";
import { type Config, readConfig } from "./protocol/config.ts";
import { Fault } from "./protocol/errors.ts";
import type { ConversationRpc, UserRpc } from "./protocol/rpc.ts";

/** The Worker's bindings. Variables and secrets are read through {@link configOf}, never from here. */
export interface Env {
  CONVERSATIONS: DurableObjectNamespace<ConversationRpc>;
  USERS: DurableObjectNamespace<UserRpc>;
  ASSETS: Fetcher;
}

const configs = new WeakMap<Env, Config>();

/**
 * The configuration, parsed once an isolate.
 * @throws Fault UNAVAILABLE when a variable is missing or wrong: its name goes to the log, its value nowhere.
 */
export function configOf(env: Env): Config {
  const known = configs.get(env);
  if (known) return known;
  const read = readConfig({ ...env });
  if (!read.ok) {
    log("error", "bad_configuration", { wrong: read.wrong.join("; ") });
    throw new Fault("UNAVAILABLE", `The configuration is wrong: ${read.wrong.join("; ")}`);
  }
  setLogLevel(read.config.LOG_LEVEL);
  configs.set(env, read.config);
  return read.config;
}
