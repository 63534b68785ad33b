/** A conversation in memory, for tests of its rules: the rules see nothing else of the world. */
import { newRoom } from "../../src/core/creation.ts";
import { isUsable } from "../../src/core/invites.ts";
import { decide } from "../../src/core/room.ts";
import type { Invite, Known, Membership, Outcome, Pinned, Reacted, Room, View } from "../../src/core/view.ts";
import type { Command } from "../../src/protocol/commands.ts";
import type { Refusal } from "../../src/protocol/errors.ts";
import type { Message } from "../../src/protocol/messages.ts";
import { person } from "./people.ts";

export const people = ["a", "b", "c"].map((letter) =>
  person(`01890000-0000-7000-8000-00000000000${letter}`, letter.toUpperCase()),
);
export const [ann, bob, cem] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];

/** Of a room in which nothing is known but what is given. */
export function viewOf(room: Room, known: Partial<View> = {}): View {
  return {
    room,
    now: 2_000,
    freshId: "",
    known: () => undefined,
    source: undefined,
    media: undefined,
    reactions: { of: () => undefined, count: () => 0, emojis: () => [] },
    pins: { of: () => undefined, count: () => 0 },
    said: () => [],
    messageAt: () => undefined,
    deletionOf: () => undefined,
    unread: () => 0,
    replay: () => [],
    isOnline: () => false,
    isTyping: () => false,
    isBarred: () => false,
    invite: () => undefined,
    usableInvites: () => 0,
    ...known,
  };
}

/** Does with an outcome what an object does. */
export class World {
  room: Room;
  now = 2_000;
  /** What a forward finds when it reads its source. */
  source: Message | undefined;
  readonly known = new Map<string, Known>();
  readonly invites = new Map<string, Invite>();
  readonly barred = new Set<string>();
  readonly reactions = new Map<string, Reacted>();
  /** It was rebuilt, and not all of its reactions are here. */
  isLoading = false;
  readonly pins = new Map<string, Pinned>();
  readonly frames: string[] = [];

  constructor(kind: "group" | "dialog" = "group", others = [bob]) {
    const creation = { kind, public: false, creator: ann, people: others, body_hash: "x", fresh: true };
    this.room = newRoom("01890000-0000-7000-8000-000000000001", "an epoch", creation, 1_000);
  }

  get view(): View {
    const messages = [...this.known.values()];
    const invites = [...this.invites.values()];
    return viewOf(this.room, {
      now: this.now,
      freshId: `01890000-0000-7000-8000-2000${String(this.room.head).padStart(8, "0")}`,
      known: (id) => this.known.get(id),
      source: this.source,
      reactions: this.isLoading
        ? undefined
        : {
            of: (...key) => this.reactions.get(key.join(" ")),
            count: (id) => [...this.reactions].filter(([key, { is_on }]) => is_on && key.startsWith(id)).length,
            emojis: (id) => {
              const on = [...this.reactions].filter(([key, { is_on }]) => is_on && key.startsWith(id));
              return [...new Set(on.map(([key]) => key.split(" ")[1] ?? ""))];
            },
          },
      pins: {
        of: (id) => this.pins.get(id),
        count: () => [...this.pins.values()].filter(({ is_on }) => is_on).length,
      },
      messageAt: (sequence) => messages.findLast((message) => message.sequence <= sequence)?.id,
      unread: (member) =>
        messages.filter(({ sequence, sender_id }) => sequence > member.read && sender_id !== member.user_id).length,
      deletionOf: (id) =>
        this.frames.find((_, at) => this.events[at]?.type === "message_delete" && this.events[at]?.message_id === id),
      replay: (from, to) => this.frames.slice(from, to),
      isOnline: () => true,
      isBarred: (userId) => this.barred.has(userId),
      invite: (by) => invites.find((one) => ("id" in by ? one.id === by.id : one.token_hash === by.token_hash)),
      usableInvites: () => invites.filter((one) => isUsable(one, this.now)).length,
    });
  }

  get events(): Record<string, unknown>[] {
    return this.frames.map((frame) => JSON.parse(frame));
  }

  /** Who owns it. */
  get owners(): string[] {
    return [...this.room.members.values()].filter(({ role }) => role === "OWNER").map(({ user_id }) => user_id);
  }

  do(command: Command, userId = ann.user_id): Outcome | Refusal {
    const outcome = decide(command, userId, this.view);
    if (outcome.ok) this.#apply(outcome);
    return outcome;
  }

  #apply({ events, members: writes, room, invite }: Outcome): void {
    const members = new Map(this.room.members);
    for (const { frame, body_hash } of events) {
      this.frames.push(JSON.stringify(frame));
      const deleted = frame.type === "message_delete" ? this.known.get(frame.message_id) : undefined;
      if (deleted) this.known.set(deleted.id, { ...deleted, is_deleted: true });
      if (frame.type === "reaction") {
        const { message_id, emoji, user_id, sequence, on } = frame;
        this.reactions.set([message_id, emoji, user_id].join(" "), { sequence, is_on: on });
      }
      if (frame.type === "pin") this.pins.set(frame.message_id, { ...frame, is_on: frame.on });
      if (!("sender_id" in frame)) continue;
      const { id, sequence, sender_id } = frame;
      this.known.set(id, {
        id,
        sequence,
        sender_id,
        body_hash: body_hash ?? "",
        is_deleted: false,
        is_forward: frame.type === "message_forward",
        created_at: this.now,
      });
      const sender = members.get(sender_id) as Membership;
      const read = Math.max(sender.read, sequence);
      members.set(sender_id, { ...sender, read, delivered: Math.max(sender.delivered, read) });
    }
    for (const write of writes) {
      if ("set" in write) {
        members.set(write.set.user_id, write.set);
        this.barred.delete(write.set.user_id);
      } else if ("know" in write) members.set(write.know.user_id, write.know);
      else {
        members.delete(write.remove);
        if (write.isBarred) this.barred.add(write.remove);
      }
    }
    if (invite) this.invites.set(invite.id, invite);
    this.room = { ...this.room, ...room, head: this.room.head + events.length, members };
  }
}
