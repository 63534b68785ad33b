/** One conversation as it is heard: its cursor, and what is known of it. */
import type { Conversation } from "../protocol/conversations.ts";
import type { EventFrame, ServerFrame } from "../protocol/frames.ts";
import { alarm } from "./alarm.ts";
import { answered, type Cursor, cursorAt, isBehind, type Step, take, told } from "./cursor.ts";
import { isHidden, isPassing, PingMeError } from "./error.ts";
import { type Face, faceAfter, isDoubtful, noFace, raised, standing, without } from "./face.ts";
import type { House, Listener } from "./house.ts";
import { createReceipts } from "./receipts.ts";
import { single } from "./single.ts";
import { isSaid, isShown } from "./window.ts";

type Of<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;
/** What is heard of a conversation. */
export type Heard = Extract<ServerFrame, { conversation_id: string }>;

export interface Thread {
  readonly id: string;
  readonly face: Face;
  readonly cursor: Cursor | undefined;
  /** Nothing was missed, as the server said on the present socket. */
  readonly isCurrent: boolean;
  /** The greatest sequence known. */
  readonly head: number;
  /** Events heard while something was loaded. */
  kept: EventFrame[];
  /** The room. */
  listener: Listener | undefined;
  hear(frame: Heard): void;
  /** A refusal of what this thread said, as its `ref` has it. */
  refused(what: string, frame: Of<"error">): void;
  /** More of what is known. */
  show(change: Partial<Face>): void;
  /** A record; what was heard since it was asked for is applied to it. */
  put(record: Conversation): void;
  /** The record anew. @throws PingMeError */
  load(): Promise<void>;
  /** The same, soon, and until it is there. */
  reload(): void;
  /** It is not there for this user, or not any more. */
  gone(): void;
  /** Hears typing and receipts, too, and what was missed. */
  follow(): void;
  /** Up to which sequence one has read: shown at once, said soon. */
  markRead(sequence: number): void;
  /** A socket is open. @param isOpen whether somebody looks: else one begins anew, and holes do not matter */
  connected(isOpen: boolean): void;
  /** Of a socket that asks for what was missed by its address. */
  resumed(): void;
  disconnected(): void;
  /** Nothing of it is known any more. */
  end(): void;
}

const holdMs = 500; // what is missing may only be late
const soonMs = 50;
const retryMs = 2_000;
const typingMs = 8_000; // the server says when somebody stops; where that is lost, nobody types for ever

export function createThread(id: string, house: House): Thread {
  let face = noFace;
  let cursor: Cursor | undefined;
  /** The server tells of it on the present socket. */
  let isFollowed = false;
  let isWhole = false;
  /** The cursor at the answer before: without progress it is not asked again at once. */
  let before: number | undefined;
  const quiet = alarm(() => show({ typing: [] }));
  const receipts = createReceipts(id, house, () => cursor?.last ?? 0);
  const syncing = alarm(() => ask("sync"));
  const subscribing = alarm(() => ask("subscribe"));
  const reloading = alarm(() => void load().catch(() => reloading.set(retryMs)));

  function show(change: Partial<Face>): void {
    face = { ...face, ...change };
    house.changed(id);
  }

  // -- What is heard -------------------------------------------------------------------------------------------------

  function hear(frame: Heard): void {
    const { type } = frame;
    if (type === "subscribed") subscribed(frame);
    else if (type === "synced") synced(frame);
    else if ("epoch" in frame) event(frame);
    else if (type === "inbox") inbox(frame);
    else if (type === "message_read") reads(frame);
    else if (type === "message_delivered") reach(frame.user_id, { delivered: frame.sequence });
    else if (type === "mark_read_success") receipts.confirmed(frame.sequence);
    else types(frame);
  }

  function event(frame: EventFrame): void {
    if (face.isGone && isReturn(frame, house.me)) turn(false);
    advance(take(cursor, frame));
  }

  function subscribed(frame: Of<"subscribed">): void {
    const { unread, watermarks, online, status } = frame;
    isFollowed = true;
    const own = watermarks.find(({ user_id }) => user_id === house.me);
    if (!receipts.isMarking()) show(standing(face, { ...(own && { read: own.read }), unread }));
    show({ readers: watermarks.reduce(raised, face.readers), online: new Set(online) });
    answer(frame, status === "more" ? soonMs : holdMs);
  }

  /** Without a `ref` it was the room that asked, for what is over. */
  function synced(frame: Of<"synced">): void {
    if (frame.ref) answer(frame, cursor?.last === before ? holdMs : 0);
  }

  function answer(frame: Of<"subscribed" | "synced">, waitMs: number): void {
    before = cursor?.last;
    advance(answered(cursor, frame), waitMs);
  }

  function advance(step: Step, waitMs = holdMs): void {
    cursor = step.cursor;
    step.apply.forEach(apply);
    for (const frame of step.passed) {
      if ("id" in frame) house.arrived(frame.id);
      if (isShown(frame) && !step.isForeign) thread.listener?.applied(frame);
    }
    if (step.isForeign && !subscribing.isSet) subscribing.set(soonMs);
    if (step.isReset) {
      reload();
      thread.listener?.reset();
    }
    isWhole = !isBehind(step.cursor) && !step.isForeign;
    if (isWhole || step.isForeign) syncing.clear();
    else if (!syncing.isSet || step.apply.length > 0 || waitMs < holdMs) syncing.set(waitMs);
    house.changed(id);
  }

  function apply(frame: EventFrame): void {
    // Not all of a thousand members at the same moment.
    if (face.record && isDoubtful(face.record, frame)) reload(holdMs + Math.random() * holdMs);
    else if (!face.record && isSaid(frame)) reload(); // begun on another device, or not among what was loaded
    show(faceAfter(face, frame, house.me));
    if (house.isLoading) thread.kept.push(frame);
    thread.listener?.applied(frame);
    if (isSaid(frame)) house.arrived(frame.id);
    receipts.heard(isSaid(frame) && frame.sender_id === house.me);
    house.tell(frame);
  }

  function inbox({ me, unread, conversation }: Of<"inbox">): void {
    if (conversation) put(conversation);
    else if (!face.record) reload();
    show(standing(face, { ...me, unread }));
  }

  function reads({ reader_id, sequence }: Of<"message_read">): void {
    if (reader_id === house.me) standAt(sequence);
    reach(reader_id, { read: sequence });
  }

  function reach(user_id: string, mark: { read: number } | { delivered: number }): void {
    show({ readers: raised(face.readers, { user_id, ...mark }) });
  }

  function types({ type, user_id, user_name }: Of<"typing_start" | "typing_stop">): void {
    const typing = without(face.typing, user_id);
    if (type === "typing_start") {
      typing.push({ user_id, user_name });
      quiet.set(typingMs);
    }
    show({ typing });
  }

  function refused(what: string, frame: Of<"error">): void {
    const afterMs = frame.details?.retry_after_ms ?? retryMs;
    if (isHidden(frame.code)) turn(true);
    else if (!isPassing(frame)) return;
    else if (what === "read") receipts.refused(afterMs);
    else (what === "sync" ? syncing : subscribing).set(afterMs);
  }

  // -- What is loaded ------------------------------------------------------------------------------------------------

  function put(record: Conversation): void {
    const fresh: Face = { ...face, record, isGone: false };
    const after = thread.kept.reduce((known, frame) => faceAfter(known, frame, house.me), fresh);
    if (face.record?.epoch === record.epoch && face.record.sequence > (after.record?.sequence ?? 0)) return;
    if (cursor) advance(told(cursor, record));
    else cursor = cursorAt(record);
    show(after);
    standAt(receipts.isMarking());
    receipts.known(record.me);
  }

  const load = single(() =>
    house.during(async () => put(await house.call("GET /conversations/{id}", { path: { id } }))).catch(failed),
  );

  function reload(afterMs = soonMs): void {
    if (!reloading.isSet) reloading.set(afterMs);
  }

  function failed(error: unknown): void {
    if (!(error instanceof PingMeError && isHidden(error.code))) throw error;
    turn(true);
  }

  /** Gone, or there again. */
  function turn(isGone: boolean): void {
    stop();
    cursor = undefined;
    show({ isGone });
    if (!isGone) reload();
  }

  // -- What is said --------------------------------------------------------------------------------------------------

  function follow(): void {
    if (!isFollowed) ask("subscribe");
  }

  function ask(type: "subscribe" | "sync"): void {
    if (!cursor) return;
    const { epoch, last: since } = cursor;
    const about = { conversation_id: id, ref: `${type}:${id}`, since };
    house.say(type === "sync" ? { type, ...about } : { type, ...about, epoch });
  }

  function markRead(sequence: number): void {
    const wanted = Math.min(sequence, thread.head);
    if (wanted <= (face.record?.me.read ?? 0)) return;
    standAt(wanted);
    receipts.mark(wanted);
  }

  /** How many are unread is known for what is loaded; else the server says it. */
  function standAt(read: number): void {
    const { record } = face;
    if (!record || read <= record.me.read) return;
    const unread = read >= (record.last_message?.sequence ?? 0) ? 0 : thread.listener?.unreadAfter(read);
    show(standing(face, { read, ...(unread !== undefined && { unread }) }));
  }

  function stop(): void {
    for (const timer of [syncing, subscribing, reloading, quiet]) timer.clear();
  }

  function disconnected(): void {
    isFollowed = false;
    receipts.end(false);
    stop();
    show({ typing: [], online: noFace.online });
  }

  const thread: Thread = {
    id,
    get face() {
      return face;
    },
    get cursor() {
      return cursor;
    },
    get isCurrent() {
      return isFollowed && isWhole;
    },
    get head() {
      return Math.max(cursor?.head ?? 0, face.record?.sequence ?? 0);
    },
    kept: [],
    listener: undefined,
    hear,
    refused,
    show,
    put,
    load,
    reload,
    gone: () => turn(true),
    follow,
    markRead,
    resumed: receipts.connected,
    connected(isOpen) {
      receipts.connected();
      if (!isOpen) cursor = undefined;
      else if (face.record) reload();
      follow();
    },
    disconnected,
    end() {
      disconnected();
      receipts.end(true);
      cursor = undefined;
      show(noFace);
    },
  };
  return thread;
}

/** One is a member again, or the conversation is there again. */
function isReturn(frame: EventFrame, me: string): boolean {
  if (frame.type === "conversation_updated") return frame.deleted === false;
  return frame.type === "member_added" && frame.user_id === me;
}
