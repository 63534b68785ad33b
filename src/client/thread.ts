/** One conversation as it is heard: its cursor, what is known of it, and what is said back (receipts). */
import type { Conversation } from "../protocol/conversations.ts";
import type { EventFrame, ServerFrame } from "../protocol/frames.ts";
import { alarm } from "./alarm.ts";
import { answered, type Cursor, cursorAt, isBehind, type Step, take, told } from "./cursor.ts";
import { PingMeError } from "./error.ts";
import { type Face, faceAfter, isDoubtful, noFace, raised, standing, without } from "./face.ts";
import type { House, Listener } from "./house.ts";
import { Receipts } from "./receipts.ts";
import { isSaid } from "./window.ts";

type Of<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;

const holdMs = 500; // what is missing may only be late
const moreMs = 50;
const retryMs = 2_000;
const typingMs = 8_000;

export class Thread {
  readonly id: string;
  readonly #house: House;
  face: Face = noFace;
  cursor: Cursor | undefined;
  /** Nothing was missed, as the server said on the present socket. */
  isCurrent = false;
  /** Events heard while something was loaded. */
  kept: EventFrame[] = [];
  /** The room, where it has messages. */
  listener: Listener | undefined;
  readonly receipts: Receipts;
  /** The cursor at the `synced` before: without progress it is not asked again at once. */
  #synced: number | undefined;
  #loading: Promise<void> | undefined;
  readonly #typists = new Map<string, ReturnType<typeof alarm>>();
  readonly #sync = alarm(() => this.#ask("sync"));
  readonly #subscribe = alarm(() => this.#ask("subscribe"));
  readonly #reload = alarm(() => void this.load().catch(() => this.#reload.set(retryMs)));

  constructor(id: string, house: House) {
    this.id = id;
    this.#house = house;
    this.receipts = new Receipts(id, house, () => this.cursor?.last ?? 0);
  }

  get head(): number {
    return Math.max(this.cursor?.head ?? 0, this.face.record?.sequence ?? 0);
  }

  // -- What is heard -------------------------------------------------------------------------------------------------

  event(frame: EventFrame): void {
    if (this.face.isGone && isReturn(frame, this.#house.me)) this.#comeBack();
    this.#follow(take(this.cursor, frame));
  }

  subscribed(frame: Of<"subscribed">): void {
    const readers = frame.watermarks.reduce(raised, this.face.readers);
    const face = this.receipts.wanted ? this.face : standing(this.face, { unread: frame.unread });
    this.#show({ ...face, readers, online: new Set(frame.online) });
    this.#follow(answered(this.cursor, frame), frame.status === "more" ? moreMs : holdMs);
  }

  synced(frame: Of<"synced">): void {
    const before = this.cursor?.last;
    this.#follow(answered(this.cursor, frame), before === this.#synced ? holdMs : 0);
    this.#synced = before;
  }

  #follow(step: Step, waitMs = holdMs): void {
    this.cursor = step.cursor;
    for (const frame of step.apply) this.#apply(frame);
    for (const frame of step.passed) if ("id" in frame) this.#house.arrived(frame.id);
    if (step.isForeign && !this.#subscribe.isSet) this.#subscribe.set(moreMs);
    if (step.isReset) this.#startAnew();
    this.isCurrent = !step.isForeign && !isBehind(step.cursor);
    if (this.isCurrent) this.#sync.clear();
    else if (!this.#sync.isSet || step.apply.length > 0 || waitMs < holdMs) this.#sync.set(waitMs);
    this.#house.changed(this.id);
  }

  #apply(frame: EventFrame): void {
    const { me } = this.#house;
    const { record } = this.face;
    if (record && isDoubtful(record, frame)) this.#reload.set(holdMs);
    this.#show(faceAfter(this.face, frame, me));
    if (this.#house.isLoading) this.kept.push(frame);
    this.listener?.applied(frame);
    if (isSaid(frame)) this.#house.arrived(frame.id);
    this.receipts.heard("sender_id" in frame && frame.sender_id === me);
    this.#house.tell(frame);
  }

  #startAnew(): void {
    this.#reload.set(0);
    this.listener?.reset();
  }

  inbox({ me, unread, conversation }: Of<"inbox">): void {
    if (conversation) this.put(conversation);
    else if (!this.face.record) this.#reload.set(0);
    this.#show(standing(this.face, { ...me, unread }));
  }

  read(userId: string, sequence: number): void {
    if (userId === this.#house.me) this.#standAt(sequence);
    this.#show({ ...this.face, readers: raised(this.face.readers, { user_id: userId, read: sequence }) });
  }

  delivered(userId: string, sequence: number): void {
    this.#show({ ...this.face, readers: raised(this.face.readers, { user_id: userId, delivered: sequence }) });
  }

  /** The server says when it ends; where that is lost, it ends all the same. */
  types({ type, user_id, user_name }: Of<"typing_start" | "typing_stop">): void {
    const isStart = type === "typing_start";
    const others = without(this.face.typing, user_id);
    const end =
      this.#typists.get(user_id) ??
      alarm(() => this.#show({ ...this.face, typing: without(this.face.typing, user_id) }));
    this.#typists.set(user_id, end);
    if (isStart) end.set(typingMs);
    else end.clear();
    this.#show({ ...this.face, typing: isStart ? [...others, { user_id, user_name }] : others });
  }

  online(userId: string, isOnline: boolean): void {
    const online = new Set(this.face.online);
    if (isOnline) online.add(userId);
    else online.delete(userId);
    this.#show({ ...this.face, online });
  }

  /** A refusal of what this thread said. */
  refused(what: string, { code, details }: Of<"error">): void {
    const isLater = code === "RATE_LIMIT_EXCEEDED" || code === "UNAVAILABLE" || code === "INTERNAL_ERROR";
    const afterMs = details?.retry_after_ms ?? retryMs;
    if (code === "PERMISSION_DENIED" || code === "CONVERSATION_NOT_FOUND") this.gone();
    else if (isLater && what === "read") this.receipts.refused(afterMs);
    else if (isLater) (what === "sync" ? this.#sync : this.#subscribe).set(afterMs);
  }

  // -- What is loaded ------------------------------------------------------------------------------------------------

  /** A record; what was heard since it was asked for is applied to it. */
  put(record: Conversation): void {
    const known = this.face.record;
    const fresh: Face = { ...this.face, record, isGone: false };
    const after = this.kept.reduce((face, frame) => faceAfter(face, frame, this.#house.me), fresh);
    if (known?.epoch === record.epoch && known.sequence > (after.record?.sequence ?? 0)) return;
    if (!this.cursor) this.cursor = cursorAt(record);
    else this.#follow(told(this.cursor, record));
    this.#show(after);
    this.#standAt(this.receipts.wanted);
    this.receipts.known(record.me.delivered);
    if (record.me.unread > 0) this.receipts.acknowledge();
  }

  /** The record anew. @throws PingMeError */
  load(): Promise<void> {
    this.#loading ??= this.#house
      .during(async () => this.put(await this.#house.call("GET /conversations/{id}", { path: { id: this.id } })))
      .catch((error) => this.failed(error))
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  /** Soon, and until it is there. */
  reload(): void {
    this.#reload.set(moreMs);
  }

  /** Not there for this user; all else is thrown on. */
  failed(error: unknown): void {
    const isGone = error instanceof PingMeError && /^(CONVERSATION_NOT_FOUND|PERMISSION_DENIED)$/.test(error.code);
    if (!isGone) throw error;
    this.gone();
  }

  gone(): void {
    this.cursor = undefined;
    for (const timer of [this.#sync, this.#subscribe, this.#reload]) timer.clear();
    this.#show({ ...this.face, isGone: true });
  }

  #comeBack(): void {
    this.cursor = undefined;
    this.#show({ ...this.face, isGone: false });
    this.#reload.set(0);
  }

  // -- What is said --------------------------------------------------------------------------------------------------

  /** Follows it, and asks for what was missed. */
  subscribe(): void {
    this.#ask("subscribe");
  }

  #ask(type: "subscribe" | "sync"): void {
    if (!this.cursor) return;
    const { epoch, last: since } = this.cursor;
    const about = { conversation_id: this.id, ref: `${type}:${this.id}`, since };
    this.#house.say(type === "sync" ? { type, ...about } : { type, ...about, epoch });
  }

  /** Up to which sequence one has read: shown at once, said soon. */
  markRead(sequence: number): void {
    const wanted = Math.min(sequence, this.head);
    if (wanted <= (this.face.record?.me.read ?? 0)) return;
    this.#standAt(wanted);
    this.receipts.mark(wanted);
  }

  /** How many are unread is known for what is loaded; else the server says it. */
  #standAt(read: number): void {
    const { record } = this.face;
    if (!record || read <= record.me.read) return;
    const unread =
      read >= (record.last_message?.sequence ?? 0) ? 0 : (this.listener?.unreadAfter(read) ?? record.me.unread);
    this.#show(standing(this.face, { read, unread }));
  }

  /** A socket is open. @param isOpen whether somebody follows it: else a hole does not matter, one begins anew */
  connected(isOpen: boolean): void {
    this.receipts.connected();
    if (isOpen) return this.subscribe();
    this.cursor = undefined;
  }

  disconnected(): void {
    this.isCurrent = false;
    this.receipts.disconnected();
    for (const timer of [this.#sync, this.#subscribe]) timer.clear();
    for (const end of this.#typists.values()) end.clear();
    this.#show({ ...this.face, typing: [], online: new Set() });
  }

  /** Nothing of it is known any more. */
  end(): void {
    this.disconnected();
    this.#reload.clear();
    this.receipts.wanted = 0;
    this.cursor = undefined;
    this.#show(noFace);
  }

  #show(face: Face): void {
    if (face === this.face) return;
    this.face = face;
    this.#house.changed(this.id);
  }
}

/** One is a member again, or the conversation is there again. */
function isReturn(frame: EventFrame, me: string): boolean {
  if (frame.type === "conversation_updated") return frame.deleted === false;
  return frame.type === "member_added" && frame.user_id === me;
}
