/** The parts of a conversation's object, and what each knows of the others. */
import { connect, type Services } from "../connect.ts";
import type { Database } from "../db/connect.ts";
import type { Env } from "../env.ts";
import { closes } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { releaseUnsaid, settleMedia } from "./attachments.ts";
import { Attendance } from "./attendance.ts";
import { DirectSockets } from "./direct.ts";
import { readMessage } from "./elsewhere.ts";
import { Fanout } from "./fanout.ts";
import { Log } from "./log.ts";
import { Meter } from "./meter.ts";
import { Outbox } from "./outbox.ts";
import { Peers } from "./peers.ts";
import { Receipts } from "./receipts.ts";
import { arrivalFrame } from "./records.ts";
import { Sequencer } from "./sequencer.ts";
import { Sockets } from "./sockets.ts";
import { Typing } from "./typing.ts";
import { Upkeep } from "./upkeep.ts";

export interface Parts {
  storage: DurableObjectStorage;
  services: Services;
  db: Database;
  log: Log;
  upkeep: Upkeep;
  fanout: Fanout;
  outbox: Outbox;
  sequencer: Sequencer;
  direct: DirectSockets;
  attendance: Attendance;
}

export function assemble(ctx: DurableObjectState, env: Env): Parts {
  const services = connect(env);
  const log = new Log(ctx.storage);
  const sockets = new Sockets(ctx);
  const peers = new Peers(ctx, sockets, {
    config: services.config,
    end: (socket, close) => direct.close(socket, close),
  });
  const upkeep = new Upkeep(ctx.storage, {
    log,
    db: services.db,
    sockets,
    drain: () => outbox.drain(),
    fan: () => fanout.resume(),
    beat: () => direct.beat(),
    sweep: async () => void (await services.leftovers.sweep(limits.mediaPerSweep)),
  });
  const fanout = new Fanout(log, {
    users: env.USERS,
    isActiveHere: (userId) => sockets.isActive(userId),
    arrival: (userId, at) => arrivalFrame(log, services, userId, at),
    caughtUp: () => upkeep.within("drain", limits.fannedSoonMs),
    retry: (ms) => upkeep.within("fan", ms),
  });
  const outbox: Outbox = new Outbox(log, services, {
    fanned: () => fanout.cursor,
    retry: (ms) => upkeep.within("drain", ms),
    freed: () => upkeep.within("sweep", limits.sweepSoonMs),
  });
  const wokenAt = log.room ? Date.now() : undefined;
  const meter = new Meter(services.config, wokenAt, (since) => (log.room ? log.rows.doneSince(since) : []));
  const typing = new Typing(services.config.WS_TYPING_TIMEOUT * 1_000, (user_id) => {
    void sequencer.submitSystem({ type: "typing_over", user_id });
  });
  const place = () => ({ db: services.db, id: idOf(ctx) });
  const sequencer: Sequencer = new Sequencer({
    ctx,
    log,
    typing,
    receipts: new Receipts({ log, sockets, peers, fanout }),
    db: services.db,
    settleMedia: (entry, wants) => settleMedia(place(), entry, wants),
    releaseMedia: (messageId, ids) => ctx.waitUntil(releaseUnsaid(place(), messageId, ids)),
    read: (userId, place) => readMessage({ log, db: services.db, conversations: env.CONVERSATIONS }, userId, place),
    meter,
    sockets,
    peers,
    fanout,
    changed: () => upkeep.within("drain", limits.drainSoonMs),
    refused: (socket) => direct.refused(socket),
    removed: (userId) => direct.end(userId, closes.removed),
    deleted: () => direct.endAll(closes.deleted),
  });
  const waitUntil = (promise: Promise<unknown>) => ctx.waitUntil(promise);
  const attendance = new Attendance({ log, sockets, sequencer, meter, users: env.USERS, waitUntil });
  const direct: DirectSockets = new DirectSockets({
    log,
    sockets,
    peers,
    sequencer,
    fanout,
    typing,
    attendance,
    services,
    beatWithin: (ms) => upkeep.beatWithin(ms),
    waitUntil,
  });
  return {
    storage: ctx.storage,
    services,
    db: services.db,
    log,
    upkeep,
    fanout,
    outbox,
    sequencer,
    direct,
    attendance,
  };
}

/** The conversation's id is the object's name. */
export function idOf({ id }: DurableObjectState): string {
  if (!id.name) throw new Error("A conversation's object is addressed by name");
  return id.name;
}
