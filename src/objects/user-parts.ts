/** The parts of a user's object, and what each knows of the others. */
import { connect } from "../connect.ts";
import type { Env } from "../env.ts";
import { type AccountParts, accountWorks } from "./account.ts";
import { Alarms } from "./alarms.ts";
import { endingWorks } from "./endings.ts";
import { Hub } from "./hub.ts";
import { Inbox } from "./inbox.ts";
import { Jobs } from "./jobs.ts";
import { Openings } from "./openings.ts";
import { Peers } from "./peers.ts";
import { Pushes } from "./pushes.ts";
import { Sockets } from "./sockets.ts";
import { Watched } from "./watched.ts";
import { Watching } from "./watching.ts";

export interface UserParts {
  inbox: Inbox;
  sockets: Sockets;
  peers: Peers;
  alarms: Alarms<"beat" | "jobs" | "settle" | "renew" | "push">;
  account: AccountParts;
  jobs: Jobs;
  openings: Openings;
  watched: Watched;
  watching: Watching;
  pushes: Pushes;
  hub: Hub;
}

/** What the object does itself. */
export interface UserDoes extends Pick<AccountParts, "revoke" | "erase"> {
  /** Looks after its sockets. */
  beat(): void;
  /** A socket was opened or closed, or somebody looks at it, or away. */
  moved(): void;
  /** A socket has a fresh token. */
  renewed(): void;
}

export function assembleUser(ctx: DurableObjectState, env: Env, does: UserDoes): UserParts {
  const services = connect(env);
  const { db } = services;
  const { USERS: users, CONVERSATIONS: conversations } = env;
  const inbox = new Inbox(ctx.storage.sql);
  const sockets = new Sockets(ctx);
  const peers = new Peers(ctx, sockets, {
    config: services.config,
    end: (socket, close) => hub.close(socket, close),
  });
  const alarms: UserParts["alarms"] = new Alarms(ctx.storage, {
    beat: does.beat,
    jobs: () => jobs.run(),
    settle: () => watched.settle(),
    renew: () => watching.renew(),
    push: () => pushes.run(),
  });
  const account: AccountParts = { services, revoke: does.revoke, erase: does.erase };
  const jobs: Jobs = new Jobs({
    inbox: inbox.jobs,
    conversations,
    works: { ...accountWorks(account), ...endingWorks(inbox, services.cache) },
    runWithin: (ms) => alarms.within("jobs", ms),
  });
  const openings = new Openings({ sockets, inbox, conversations });
  const watched: Watched = new Watched({
    sockets,
    inbox,
    db,
    users,
    settleWithin: (ms) => alarms.within("settle", ms),
    settleByAlarm: (ms) => alarms.byAlarm("settle", ms),
  });
  const watching: Watching = new Watching({
    sockets,
    inbox: inbox.presence,
    db,
    users,
    conversations,
    renewWithin: (ms) => alarms.within("renew", ms),
  });
  const pushes: Pushes = new Pushes({
    inbox: inbox.pushes,
    services,
    conversations,
    isActive: () => openings.presence.isActive,
    runWithin: (ms) => alarms.within("push", ms),
  });
  const hub: Hub = new Hub({
    sockets,
    backlog: peers.backlog,
    services,
    conversations,
    watching,
    presence: () => openings.presence,
    moved: does.moved,
    read: (conversationId) => pushes.look(conversationId),
    renewed: does.renewed,
    waitUntil: (promise) => ctx.waitUntil(promise),
  });
  return { inbox, sockets, peers, alarms, account, jobs, openings, watched, watching, pushes, hub };
}
