/**
 * Notifies the user's devices of what no active socket took. A conversation waits here for a moment, is then asked what
 * there is to say, and each device is brought from what it shows to what it should: at-least-once, over sleep and death.
 *
 * What a device shows is noted when FCM has answered. Who is killed in between says it again, under the same tag.
 */
import { z } from "zod";
import type { Services } from "../connect.ts";
import { backoffMs } from "../core/backoff.ts";
import { clearing, showing } from "../core/notifications.ts";
import { bearingOf, type Step, stepFor } from "../core/notify.ts";
import { deleteToken, type PushTarget, targetsOf, unreadElsewhere } from "../db/push-devices.ts";
import { describeError, log } from "../log.ts";
import type { Delivery } from "../protocol/deliveries.ts";
import { type Result, unwrap } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Notable } from "../protocol/lookups.ts";
import type { FcmMessage } from "../protocol/push.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import type { Settings } from "../protocol/users.ts";
import type { InboxPushes, Pending } from "./inbox-pushes.ts";
import { eachOf, inTime } from "./patience.ts";

export interface PushesParts {
  inbox: InboxPushes;
  services: Pick<Services, "db" | "push">;
  conversations: DurableObjectNamespace<ConversationRpc>;
  /** Somebody looks at a socket that has all events. */
  isActive(): boolean;
  runWithin(ms: number): void;
}

/** What one run knows of a conversation. */
interface Looked extends Pending {
  /** Null: not theirs any more. */
  notable: Notable | null;
  shown: Map<string, number>;
}

interface Task {
  looked: Looked;
  device: PushTarget;
  step: Exclude<Step, { to: "nothing" }>;
  /** Undefined: to such a device nothing is said. */
  message: FcmMessage | undefined;
}

const noticed = z.object({
  type: z.string(),
  sender_id: z.string().optional(),
  user_id: z.string().optional(),
});

export class Pushes {
  readonly #parts: PushesParts;
  #running: Promise<void> | undefined;
  /** Conversations of which something was heard since the run began. */
  readonly #touched = new Set<string>();

  constructor(parts: PushesParts) {
    this.#parts = parts;
  }

  get #userId(): string | undefined {
    return this.#parts.services.push && this.#parts.inbox.pushing?.user_id;
  }

  /** Of a conversation that stands in the notifications, or waits to. */
  isNotified(conversationId: string): boolean {
    const { inbox } = this.#parts;
    if (this.#userId === undefined) return false;
    return inbox.has(conversationId) || inbox.shown(conversationId).size > 0;
  }

  /** Events have come. Who has no device pays nothing for this. */
  hear({ conversation_id, frames, inbox, isTaken }: Delivery): void {
    const userId = this.#userId;
    if (userId === undefined) return;
    const bearings = frames.map(({ text }) => bearingOf(noticed.parse(JSON.parse(text)), userId));
    const newest = frames[bearings.lastIndexOf("news")]?.sequence;
    if (newest !== undefined && !isTaken && !this.#parts.isActive()) this.#want(conversation_id, newest);
    if (inbox !== undefined || bearings.includes("less")) this.look(conversation_id);
  }

  #want(conversationId: string, sequence: number): void {
    const { inbox } = this.#parts;
    const now = Date.now();
    const waitMs = inbox.shown(conversationId).size > 0 ? limits.pushAgainMs : limits.pushSoonMs;
    inbox.want(conversationId, sequence, { now, dueAt: now + waitMs });
    this.#touched.add(conversationId);
    this.schedule();
  }

  /** What is shown of a conversation may not be so any more. */
  look(conversationId: string): void {
    if (!this.isNotified(conversationId)) return;
    const now = Date.now();
    this.#parts.inbox.want(conversationId, 0, { now, dueAt: now + limits.jobSoonMs });
    this.#touched.add(conversationId);
    this.schedule();
  }

  /** Sees to it that what waits is looked at in time. */
  schedule(): void {
    const soonest = this.#running ? undefined : this.#parts.inbox.soonest();
    if (soonest !== undefined && this.#userId !== undefined) {
      this.#parts.runWithin(Math.max(limits.jobSoonMs, soonest - Date.now()));
    }
  }

  /** One run at a time; it asks for the next itself. */
  async run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.schedule();
    });
    await this.#running;
  }

  async #run(): Promise<void> {
    const { inbox } = this.#parts;
    const due = inbox.due(Date.now(), limits.pushConversations);
    if (due.length === 0) return;
    for (const { conversation_id } of due) this.#touched.delete(conversation_id);
    try {
      await this.#notify(due);
    } catch (error) {
      log("warn", "push_postponed", describeError(error));
      for (const pending of due) this.#again(pending, 0);
    }
  }

  async #notify(due: Pending[]): Promise<void> {
    const { inbox, services } = this.#parts;
    const { pushing } = inbox;
    if (!pushing) return;
    const { user_id, generation } = pushing;
    const now = Date.now();
    const { devices, settings } = await targetsOf(services.db, user_id, now);
    if (devices.length === 0) return inbox.end(generation);
    inbox.keepDevices(devices.map(({ device_id }) => device_id));
    const [elsewhere, asked] = await Promise.all([
      unreadElsewhere(services.db, user_id, { except: due.map((one) => one.conversation_id), now }),
      Promise.all(due.map((pending) => this.#ask(user_id, pending))),
    ]);
    const looked = asked.filter((one) => one !== undefined);
    const badge = looked.reduce((sum, { notable }) => sum + countedOf(notable), elsewhere);
    const tasks = looked.flatMap((one) => devices.flatMap((device) => taskOf(one, device, { settings, badge }) ?? []));
    await this.#send(user_id, looked, tasks);
  }

  /** Undefined where it is away: it is asked again later. */
  async #ask(userId: string, pending: Pending): Promise<Looked | undefined> {
    const { conversations, inbox } = this.#parts;
    const { conversation_id, wanted } = pending;
    const shown = inbox.shown(conversation_id);
    try {
      const conversation = conversations.get(conversations.idFromName(conversation_id));
      const query = { upTo: wanted, shown: [...new Set(shown.values())] };
      const asked = async (): Promise<Result<Notable | null>> => await conversation.notable(userId, query);
      return { ...pending, notable: unwrap(await inTime(limits.tellMs, asked())), shown };
    } catch (error) {
      log("warn", "notable_failed", { conversation_id, ...describeError(error) });
      this.#again(pending, 0);
      return undefined;
    }
  }

  async #send(userId: string, looked: Looked[], tasks: Task[]): Promise<void> {
    const waits = new Map<string, number>();
    await eachOf(tasks, limits.pushCallsAtOnce, async (task) => {
      const { conversation_id } = task.looked;
      const afterMs = await this.#sendOne(userId, task);
      if (afterMs !== undefined) waits.set(conversation_id, Math.max(afterMs, waits.get(conversation_id) ?? 0));
    });
    for (const one of looked) {
      const afterMs = waits.get(one.conversation_id);
      if (afterMs !== undefined) this.#again(one, afterMs);
      else this.#finish(one);
    }
  }

  /** @returns where it is to be tried again, in how many ms at the soonest */
  async #sendOne(userId: string, { looked, device, step, message }: Task): Promise<number | undefined> {
    const { inbox, services } = this.#parts;
    const { conversation_id } = looked;
    const sent = message && (await services.push?.send(message));
    if (sent?.as === "later") return sent.afterMs;
    if (sent?.as === "gone") await deleteToken(services.db, userId, device.token);
    const isShown = step.to === "show" && sent?.as !== "gone";
    if (isShown) inbox.show(conversation_id, device.device_id, step.message.sequence);
    else inbox.hide(conversation_id, device.device_id);
    return undefined;
  }

  #finish({ conversation_id }: Pending): void {
    const { inbox } = this.#parts;
    if (!this.#touched.has(conversation_id)) return inbox.finish(conversation_id);
    inbox.postpone(conversation_id, { attempts: 0, dueAt: Date.now() + limits.pushSoonMs });
  }

  /** Once more, at random within a time that grows, and not before FCM wants it; what is too old is no news any more. */
  #again({ conversation_id, attempts, since }: Pending, afterMs: number): void {
    const { inbox } = this.#parts;
    const now = Date.now();
    const isOld = now + afterMs - since > limits.pushKeptMs;
    if (isOld && !this.#touched.has(conversation_id)) {
      log("error", "push_given_up", { conversation_id, attempts });
      return inbox.finish(conversation_id);
    }
    const dueAt = now + afterMs + backoffMs(attempts + 1, Math.random(), limits.pushRestMs);
    inbox.postpone(conversation_id, { attempts: attempts + 1, dueAt });
  }
}

/** What a conversation adds to the number on the icon. */
function countedOf(notable: Notable | null): number {
  return notable === null || notable.is_muted ? 0 : notable.unread;
}

function taskOf(
  looked: Looked,
  device: PushTarget,
  { settings, badge }: { settings: Settings; badge: number },
): Task | undefined {
  const { conversation_id, notable, shown } = looked;
  const step = stepFor(shown.get(device.device_id), notable ?? undefined);
  if (step.to === "nothing") return undefined;
  const now = Date.now();
  const counts = { conversation_id, unread: notable?.unread ?? 0, badge };
  if (step.to === "clear" || !notable) return { looked, device, step, message: clearing(device, counts, now) };
  const news = { ...counts, ...notable, message: step.message };
  return { looked, device, step, message: showing(device, news, settings, now) };
}
