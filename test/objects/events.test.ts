import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Command } from "../../src/protocol/commands.ts";
import { person } from "../support/people.ts";
import { withoutType } from "../support/reader.ts";
import { type Json, type Room, type Someone, someRoom, soon, userSocket, withLimits } from "../support/room.ts";

withLimits(soon);

const deeds = [
  ...["say", "say", "read", "ack", "add", "remove", "join", "leave", "promote", "demote", "transfer"],
  ...["title", "describe", "open", "close", "hide", "pin", "end"],
];
const deed = fc.record({ who: fc.nat(3), what: fc.constantFrom(...deeds), to: fc.nat(2), at: fc.nat(12) });
const story = fc.array(deed, { minLength: 5, maxLength: 40, size: "max" });

/** Anybody tries anything; refusals are part of it. The fourth is never removed, and what it acknowledges only it knows. */
async function perform(room: Room, people: readonly Someone[], { who, what, to, at }: Json): Promise<void> {
  const [actor, other, observer] = [people[who], people[to], people[3]] as [Someone, Someone, Someone];
  const user_id = other.id;
  const sequence = at % ((await room.record(observer)).sequence + 1);
  const commands: Record<string, Command[]> = {
    say: [{ type: "message", content: `said ${at}` }],
    read: [{ type: "mark_read", sequence }],
    ack: actor === observer ? [] : [{ type: "ack", sequence }],
    add: [{ type: "add_members", people: [person(other.id, other.name)] }],
    remove: [{ type: "remove_member", user_id }],
    join: [{ type: "join", person: person(actor.id, actor.name) }],
    leave: actor === observer ? [] : [{ type: "leave" }],
    promote: [{ type: "set_role", user_id, role: "ADMIN" }],
    demote: [{ type: "set_role", user_id, role: "MEMBER" }],
    transfer: [{ type: "transfer", user_id }],
    title: [{ type: "change", change: { title: `title ${at}` } }],
    describe: [{ type: "change", change: { description: at % 2 ? `description ${at}` : null } }],
    open: [{ type: "change", change: { public: true } }],
    close: [{ type: "change", change: { public: false } }],
    hide: [{ type: "change_mine", change: { hidden: at % 2 === 0 } }],
    pin: [{ type: "change_mine", change: { pinned: at % 2 === 0, archived: at % 3 === 0 } }],
    end: [{ type: "delete" }, { type: "restore" }],
  };
  await room.execute(actor, commands[what] ?? []);
}

const sockets = {
  direct: (room: Room, who: Someone) => room.socket(who),
  user: async (room: Room, who: Someone) => {
    const line = await userSocket(who);
    await line.ask({ type: "subscribe", conversation_id: room.id, since: 0 });
    return line;
  },
};

describe("state fetched earlier, and the events received since", () => {
  // A direct socket ends with the group, and hears nothing of what is only one's own.
  test.each([
    ["direct", ["hide", "pin", "end"]],
    ["user", []],
  ] as const)("are the state fetched now, on a %s socket", async (way, besides) => {
    await fc.assert(
      fc.asyncProperty(story, story, async (before, after) => {
        const { room, people } = await someRoom(4);
        const observer = people[3] as Someone;
        for (const deed of before) await perform(room, people, deed);
        const line = await sockets[way](room, observer);
        const fetched = await fetchState(room, observer);
        const seen = line.frames.length;
        for (const deed of after) {
          if (!(besides as readonly string[]).includes(deed.what)) await perform(room, people, deed);
        }
        const now = await fetchState(room, observer);
        await expect.poll(() => folded(fetched, observer, line.frames.slice(seen))).toEqual(now);
      }),
      { numRuns: 8, endOnFailure: true },
    );
  });
});

interface State {
  record: Json;
  messages: Json[];
  roster: Record<string, Json>;
}

async function fetchState(room: Room, who: Someone): Promise<State> {
  const { last_message: _newest, ...record } = await room.record(who);
  const { items } = await room.page(who);
  const roster = (await room.roster(who)).map(({ joined_at: _label, ...member }) => [member.user_id, member]);
  return { record, messages: items, roster: Object.fromEntries(roster) };
}

/** As a client keeps it, by what wire.md says of each frame. */
function folded(state: State, { id: me }: Someone, frames: Json[]): State {
  const { record, roster, messages } = structuredClone(state);
  const raise = (userId: string, marks: { read: number; delivered: number }) => {
    for (const target of userId === me ? [roster[me], record.me] : [roster[userId]]) {
      target.read = Math.max(target.read, marks.read);
      target.delivered = Math.max(target.delivered, marks.delivered, target.read);
    }
  };
  const apply: Record<string, (frame: Json) => void> = {
    message(frame) {
      messages.unshift(withoutType(frame));
      record.me.hidden = false;
      raise(frame.sender_id, { read: frame.sequence, delivered: frame.sequence });
    },
    member_added({ user_id, role, sequence: at }) {
      roster[user_id] = { user_id, role, read: at, delivered: at };
      record.member_count += 1;
    },
    member_removed({ user_id }) {
      delete roster[user_id];
      record.member_count -= 1;
    },
    member_role({ user_id, role }) {
      roster[user_id].role = role;
      if (user_id === me) record.me.role = role;
    },
    conversation_updated({ title, description, public: isPublic, updated_at }) {
      Object.assign(
        record,
        { updated_at },
        title !== undefined && { title },
        isPublic !== undefined && { public: isPublic },
      );
      if (typeof description === "string") record.description = description;
      if (description === null) delete record.description;
    },
    conversation_deleted: () => undefined,
    message_read: ({ reader_id, sequence: at }) => raise(reader_id, { read: at, delivered: at }),
    message_delivered: ({ user_id, sequence: at }) => raise(user_id, { read: 0, delivered: at }),
    inbox(frame) {
      record.me = { ...frame.me };
    },
  };
  for (const frame of frames) {
    if ("epoch" in frame && frame.sequence <= record.sequence) continue;
    if ("epoch" in frame) record.sequence = frame.sequence;
    apply[frame.type]?.(frame);
  }
  record.me.unread = messages.filter((one) => one.sequence > record.me.read && one.sender_id !== me).length;
  return { record, messages, roster };
}
