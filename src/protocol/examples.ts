/** Every frame once: what it is for, and how it looks. The order of the tables is the order of the specification. */
import type { z } from "zod";
import type { ClientFrameType, clientFrames, ServerFrameType, serverFrames } from "./frames.ts";

export interface Example<Frame> {
  summary: string;
  frame: Frame;
}

const ann = "0199f0d2-6b1e-7c3a-9d5e-3f1a2b4c5d6e";
const bob = "0199f0d2-8a40-7b11-8c2d-5e6f7a8b9c0d";
const dialog = "5f0c2f9e-1d3b-8a47-9e61-2b7c4d8e9f10";
const group = "0199f0d9-02c7-7e55-a3b1-6d7e8f9a0b1c";
const hello = "0199f0d3-11aa-7d20-b1c2-d3e4f5a6b7c8";
const copy = "0199f0da-4c3d-7f10-9a8b-7c6d5e4f3a2b";
const epoch = "0199f0d2-9c51-7f3e-8a9b-0c1d2e3f4a5b";
const at = "2026-11-05T09:30:00.000Z";

const message = {
  conversation_id: dialog,
  epoch,
  sequence: 42,
  id: hello,
  content: "Hello, Bob",
  sender_id: ann,
  sender_name: "Ann",
  media: [],
  mentions: [],
  created_at: at,
  updated_at: at,
  is_edited: false,
  is_deleted: false,
};

const mine = {
  role: "MEMBER",
  read: 42,
  delivered: 42,
  unread: 0,
  archived: false,
  pinned: false,
  hidden: false,
} as const;

export const clientExamples: { [T in ClientFrameType]: Example<z.input<(typeof clientFrames)[T]>> } = {
  auth: {
    summary:
      "The first frame of a user socket that was opened without a token, within 10 s. Later: a fresh access token of the same user and session keeps a live socket open. Answer: `auth_success`; the token the socket has already: error INVALID_MESSAGE; any other: error AUTH_FAILED, and the socket stays.",
    frame: { type: "auth", token: "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.e30.c2lnbmF0dXJl" },
  },
  message: {
    summary:
      "Says something. One's own `message` frame is the acknowledgement. The id, if the client chose one, is the idempotency key: the same id with the same body from the same sender gives the first frame again, to this socket only; with another, error CONFLICT. Content is 1 to 4,000 code points.",
    frame: { type: "message", conversation_id: dialog, id: hello, content: "Hello, Bob" },
  },
  message_edit: {
    summary:
      "Puts other words in the place of one's own, for 48 hours. One's own `message_edit` frame is the acknowledgement.",
    frame: { type: "message_edit", conversation_id: dialog, message_id: hello, content: "Hello, Robert" },
  },
  message_delete: {
    summary:
      "Deletes one's own message, or somebody else's by one's role, for all. One's own `message_delete` frame is the acknowledgement; of one that is deleted already, the frame that did it comes again.",
    frame: { type: "message_delete", conversation_id: dialog, message_id: hello },
  },
  message_forward: {
    summary:
      "Says here what was said elsewhere; `conversation_id` is the target, `from_conversation_id` the source, and one is a member of both. A copy: it stays when the source is edited or deleted later, and names who said it first, however often it is forwarded. One's own `message_forward` frame is the acknowledgement, and `id` the idempotency key, as for `message`.",
    frame: {
      type: "message_forward",
      conversation_id: group,
      from_conversation_id: dialog,
      message_id: hello,
      id: copy,
    },
  },
  reaction: {
    summary:
      "Puts an emoji on a message, or takes one's own back. One's own `reaction` frame is the acknowledgement; of what is so already, the frame that made it so comes again.",
    frame: { type: "reaction", conversation_id: dialog, message_id: hello, emoji: "👍", on: true },
  },
  pin: {
    summary:
      "Pins a message, or takes it down, for all. One's own `pin` frame is the acknowledgement; of what is so already, the frame that made it so comes again.",
    frame: { type: "pin", conversation_id: dialog, message_id: hello, on: true },
  },
  typing_start: {
    summary:
      "Somebody begins to type, or goes on. It ends by itself 5 s after the last one, with the socket, and with one's message. No answer.",
    frame: { type: "typing_start", conversation_id: dialog },
  },
  typing_stop: {
    summary: "And is done without saying anything. No answer.",
    frame: { type: "typing_stop", conversation_id: dialog },
  },
  mark_read: {
    summary:
      "Reads up to a sequence or a message, one of the two. Watermarks only rise. Answer: `mark_read_success`, before the broadcast of `message_read`.",
    frame: { type: "mark_read", conversation_id: dialog, sequence: 42, ref: "r7" },
  },
  ack: {
    summary: "Received up to a sequence or a message, one of the two. Answer: `message_ack`.",
    frame: { type: "ack", conversation_id: dialog, sequence: 42 },
  },
  subscribe: {
    summary:
      "With `since`: `subscribed`, then what was missed after it. Without: the socket hears typing and receipts of that conversation from now on, and there is no answer but error PERMISSION_DENIED for who is not a member.",
    frame: { type: "subscribe", conversation_id: dialog, epoch, since: 40 },
  },
  unsubscribe: {
    summary:
      "No more typing and receipts of that conversation on this socket; its events come all the same. No answer.",
    frame: { type: "unsubscribe", conversation_id: dialog },
  },
  sync: {
    summary:
      "Asks for events after `since`, up to `until` if given, 500 at a time. Answer: the events, then `synced`; its `more` says to go on.",
    frame: { type: "sync", conversation_id: dialog, since: 12, until: 40 },
  },
  presence: {
    summary:
      "Who of these (up to 100) is there? Answer: `presence_state`, then `user_online` and `user_offline` for them until the next `presence` of this socket; an empty list ends it. A change is told within 2 s, and one that is taken back by then not at all. Who is not to be seen (no conversation in common, blocked, or `last_seen: nobody`) is answered as somebody who was never there, and stays so.",
    frame: { type: "presence", user_ids: [bob], ref: "p1" },
  },
  client_state: {
    summary:
      "Whether somebody looks at this device. In the background a socket hears all as before, but its user does not count as there because of it, and is notified by push. Sockets begin as active. No answer.",
    frame: { type: "client_state", state: "background" },
  },
  ping: {
    summary:
      'A sign of life. Answer: `pong`. Byte for byte `{"type":"ping"}` is answered without waking anybody and is not limited; any other spelling is answered too.',
    frame: { type: "ping" },
  },
};

export const serverExamples: { [T in ServerFrameType]: Example<z.input<(typeof serverFrames)[T]>> } = {
  message: {
    summary: "A message, to every member, the sender's own sockets included. Durable.",
    frame: { type: "message", ...message },
  },
  message_edit: {
    summary: "A message says something else from this sequence on. Durable.",
    frame: {
      type: "message_edit",
      conversation_id: dialog,
      epoch,
      sequence: 43,
      message_id: hello,
      content: "Hello, Robert",
      updated_at: at,
    },
  },
  message_delete: {
    summary:
      "A message is deleted: show that it was there, and keep nothing of what it said. Replays and history give it with `is_deleted` and without content from now on. Durable.",
    frame: {
      type: "message_delete",
      conversation_id: dialog,
      epoch,
      sequence: 43,
      message_id: hello,
      deleted_at: at,
      deleted_by: ann,
    },
  },
  message_forward: {
    summary: "What somebody said elsewhere, under a new id, with who said it first. A message like any other. Durable.",
    frame: {
      type: "message_forward",
      ...message,
      conversation_id: group,
      sequence: 44,
      id: copy,
      sender_id: bob,
      sender_name: "Bob",
      forwarded_from: { user_id: ann, message_id: hello },
      new_message_id: copy,
      original_message_id: hello,
      forwarded_from_id: ann,
    },
  },
  reaction: {
    summary: "Somebody put an emoji on a message, or took theirs back. Durable.",
    frame: {
      ...{ type: "reaction", conversation_id: dialog, epoch, sequence: 45 },
      ...{ message_id: hello, emoji: "👍", on: true, user_id: bob },
    },
  },
  pin: {
    summary: "A message is pinned, or taken down. Durable.",
    frame: { type: "pin", conversation_id: dialog, epoch, sequence: 46, message_id: hello, on: true, user_id: bob },
  },
  member_added: {
    summary: "Somebody is a member from this sequence on; to every member, the new one included. Durable.",
    frame: {
      type: "member_added",
      conversation_id: group,
      epoch,
      sequence: 7,
      user_id: bob,
      user_name: "Bob",
      by: ann,
      role: "MEMBER",
    },
  },
  member_removed: {
    summary:
      "Somebody is a member no more; the last they hear of it, and their sockets there close with 4403. Durable.",
    frame: {
      type: "member_removed",
      conversation_id: group,
      epoch,
      sequence: 8,
      user_id: bob,
      user_name: "Bob",
      by: ann,
    },
  },
  member_role: {
    summary:
      "Somebody has another role from this sequence on. Who closes their account hands over what they own. Durable.",
    frame: {
      type: "member_role",
      conversation_id: group,
      epoch,
      sequence: 9,
      user_id: bob,
      user_name: "Bob",
      by: ann,
      role: "OWNER",
    },
  },
  conversation_updated: {
    summary:
      "What a group is called, or whether everybody finds it, has changed: only what has is there. `deleted: false`: it was deleted and is restored. Durable.",
    frame: {
      type: "conversation_updated",
      conversation_id: group,
      epoch,
      sequence: 10,
      title: "Lunch",
      updated_at: at,
      by: ann,
    },
  },
  conversation_deleted: {
    summary:
      "The group is there no more, for anybody; sockets on its own address close with 4404. Its owner can restore it for 30 days. Durable.",
    frame: { type: "conversation_deleted", conversation_id: group, epoch, sequence: 11, deleted_at: at, by: ann },
  },
  auth_success: {
    summary: "The token was accepted.",
    frame: { type: "auth_success", user_id: ann, user_name: "Ann", expires_at: "2026-11-05T10:00:00.000Z" },
  },
  typing_start: {
    summary: "A member types: to sockets that follow the conversation, never to that member's own. Of the moment.",
    frame: { type: "typing_start", conversation_id: dialog, user_id: ann, user_name: "Ann" },
  },
  typing_stop: {
    summary: "And types no more.",
    frame: { type: "typing_stop", conversation_id: dialog, user_id: ann, user_name: "Ann" },
  },
  mark_read_success: {
    summary: "The answer to `mark_read`.",
    frame: { type: "mark_read_success", conversation_id: dialog, message_id: hello, sequence: 42, ref: "r7" },
  },
  message_read: {
    summary:
      "Somebody has read up to here: to sockets that follow the conversation, the reader's others included. State, not an event: `subscribed` carries it too.",
    frame: {
      type: "message_read",
      conversation_id: dialog,
      message_id: hello,
      sequence: 42,
      reader_id: bob,
      reader_name: "Bob",
    },
  },
  message_delivered: {
    summary: "A member's device has all up to here: to sockets that follow the conversation, never that member's own.",
    frame: { type: "message_delivered", conversation_id: dialog, sequence: 42, user_id: bob },
  },
  message_ack: {
    summary: "The answer to `ack`.",
    frame: { type: "message_ack", message_id: hello, sequence: 42, status: "delivered" },
  },
  subscribed: {
    summary:
      "The answer to `subscribe` with `since`, and what a conversation socket opened with `?since=` hears first. `live`: nothing was missed. `recovered`: all that was missed follows. `more`: the first part follows, ask `sync` for the rest. `reset`: take (epoch, sequence) from here as the cursor and load the newest page over REST. Watermarks of groups over 100 are one's own only.",
    frame: {
      type: "subscribed",
      conversation_id: dialog,
      epoch,
      sequence: 42,
      floor: 0,
      status: "recovered",
      watermarks: [
        { user_id: ann, delivered: 42, read: 42 },
        { user_id: bob, delivered: 40, read: 40 },
      ],
      unread: 2,
      online: [ann, bob],
    },
  },
  synced: {
    summary: "Ends the answer to `sync`. `reset` as in `subscribed`.",
    frame: { type: "synced", conversation_id: dialog, epoch, sequence: 42, more: false, status: "recovered" },
  },
  inbox: {
    summary:
      "To user sockets: a conversation new to this user, with its whole record; or what one read elsewhere, without. `sequence` is 0 for a conversation just created.",
    frame: { type: "inbox", conversation_id: dialog, sequence: 42, unread: 0, me: mine },
  },
  presence_state: {
    summary: "The answer to `presence`, in the order asked.",
    frame: {
      type: "presence_state",
      items: [
        { user_id: bob, online: false, last_seen: at },
        { user_id: ann, online: true },
      ],
      ref: "p1",
    },
  },
  user_online: {
    summary: "Somebody this socket watches by `presence` is there.",
    frame: { type: "user_online", user_id: bob },
  },
  user_offline: {
    summary: "And is not there any more, since `last_seen`; without it: or is not to be seen any more.",
    frame: { type: "user_offline", user_id: bob, last_seen: at },
  },
  pong: { summary: "The answer to `ping`.", frame: { type: "pong" } },
  error: {
    summary: "A frame was refused and has changed nothing. `ref` is that of the frame, if it had one.",
    frame: {
      type: "error",
      code: "RATE_LIMIT_EXCEEDED",
      message: "Too often; wait a little",
      details: { retry_after_ms: 1_200 },
      ref: "r8",
    },
  },
};
