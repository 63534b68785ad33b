import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Kind, Role } from "../protocol/conversations.ts";
import type { Purpose } from "../protocol/media.ts";
import type { Message } from "../protocol/messages.ts";
import type { Platform } from "../protocol/push.ts";

const time = () => timestamp({ withTimezone: true, precision: 3, mode: "date" });
const sequence = () => bigint({ mode: "number" });

export const users = pgTable(
  "users",
  {
    id: uuid().primaryKey(),
    /** As it is compared: trimmed, in lower case; null once the account is deleted. */
    email: text().unique(),
    /** argon2id, in the PHC string format; null for who only signs in with Google. */
    password_hash: text(),
    /** Google's `sub` of who signs in with it. */
    google_sub: text().unique(),
    name: text().notNull(),
    username: text(),
    bio: text(),
    avatar_url: text(),
    phone_number: text(),
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    /** Rises with each change of name, settings, blocks: of two readings the higher is the later. */
    facts_revision: integer().notNull().default(0),
    created_at: time().notNull().defaultNow(),
    updated_at: time().notNull().defaultNow(),
    deleted_at: time(),
  },
  (table) => [
    uniqueIndex("users_username").on(sql`lower(${table.username})`),
    index("users_username_prefix").on(sql`lower(${table.username}) text_pattern_ops`),
    index("users_name_letters").using("gin", sql`${folded(table.name)} gin_trgm_ops`),
    index("users_name_prefix").on(sql`lower(${table.name}) text_pattern_ops`),
  ],
);

export const sessions = pgTable(
  "sessions",
  {
    id: uuid().primaryKey(),
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Keyed hash of the refresh token in force. */
    refresh_hash: text().notNull().unique(),
    /** Keyed hash of the token it replaced: shown again within seconds it gives the same successor, later it ends the session. */
    previous_hash: text(),
    rotated_at: time().notNull().defaultNow(),
    device: text().notNull().default(""),
    country: text(),
    created_at: time().notNull().defaultNow(),
    last_used_at: time().notNull().defaultNow(),
    expires_at: time().notNull(),
    ended_at: time(),
  },
  (table) => [
    index("sessions_user").on(table.user_id),
    uniqueIndex("sessions_previous").on(table.previous_hash).where(sql`${table.previous_hash} is not null`),
  ],
);

/** A device that signs in without a mailed code. */
export const trustedDevices = pgTable(
  "trusted_devices",
  {
    id: uuid().primaryKey(),
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Keyed hash of the device token. */
    token_hash: text().notNull().unique(),
    name: text().notNull(),
    trusted_at: time().notNull(),
    last_used_at: time().notNull(),
  },
  (table) => [index("trusted_devices_user").on(table.user_id)],
);

/** Where somebody's notifications go, for as long as the session that registered the device is alive. */
export const pushDevices = pgTable(
  "push_devices",
  {
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The client's own name of it. */
    device_id: text().notNull(),
    session_id: uuid()
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    /** FCM's registration token: whoever registers it last has it. */
    token: text().notNull().unique(),
    platform: text().$type<Platform>().notNull(),
    registered_at: time().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.user_id, table.device_id] }),
    index("push_devices_session").on(table.session_id),
  ],
);

/** Who does not want to hear from whom. */
export const blocks = pgTable(
  "blocks",
  {
    user_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    blocked_id: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    created_at: time().notNull(),
  },
  (table) => [primaryKey({ columns: [table.user_id, table.blocked_id] }), index("blocks_blocked").on(table.blocked_id)],
);

/** As it is searched: ё, which few type, is е. */
export function folded(text: SQLWrapper): SQL {
  return sql`translate(${text}, 'ёЁ', 'еЕ')`;
}

/** A title's words in their stems, Russian and English, and as they are, for words half typed. */
export function titleWords(title: SQLWrapper): SQL {
  const words = ["russian", "english", "simple"].map(
    (name) => sql`to_tsvector(${sql.raw(`'${name}'`)}, coalesce(${folded(title)}, ''))`,
  );
  return sql`(${sql.join(words, sql` || `)})`;
}

/** Groups that everybody finds. */
export function isFindable(table: { public: SQLWrapper; deleted_at: SQLWrapper }): SQL {
  return sql`${table.public} and ${table.deleted_at} is null`;
}

/** The archive's copy of a conversation: as its object was at the last drain. */
export const conversations = pgTable(
  "conversations",
  {
    id: uuid().primaryKey(),
    kind: text().$type<Kind>().notNull(),
    title: text(),
    description: text(),
    avatar_url: text(),
    public: boolean().notNull().default(false),
    epoch: text().notNull(),
    /** The greatest sequence that has been drained. */
    sequence: sequence().notNull().default(0),
    member_count: integer().notNull().default(0),
    created_by: uuid().notNull(),
    /** Hash of the body it was created with: a repeated creation is known by it. */
    body_hash: text().notNull(),
    created_at: time().notNull(),
    updated_at: time().notNull(),
    /** The newest message's time, or the creation's: the order of lists. */
    active_at: time().notNull(),
    deleted_at: time(),
    /** Rises with each drain: one that arrives late never overwrites a later one. */
    version: bigint({ mode: "number" }).notNull(),
  },
  (table) => [
    index("conversations_deleted").on(table.deleted_at).where(sql`${table.deleted_at} is not null`),
    index("conversations_public_words").using("gin", titleWords(table.title)).where(isFindable(table)),
    index("conversations_public_letters")
      .using("gin", sql`${folded(table.title)} gin_trgm_ops`)
      .where(isFindable(table)),
  ],
);

export const members = pgTable(
  "members",
  {
    conversation_id: uuid().notNull(),
    user_id: uuid().notNull(),
    role: text().$type<Role>().notNull(),
    joined_at: time().notNull(),
    /** The sequence of the event that added them; 0 for who was there at the creation. */
    joined_sequence: sequence().notNull().default(0),
    read: sequence().notNull().default(0),
    delivered: sequence().notNull().default(0),
    muted_until: time(),
    archived: boolean().notNull().default(false),
    pinned: boolean().notNull().default(false),
    hidden: boolean().notNull().default(false),
    left_at: time(),
    /** Somebody removed them: they come back only by being added. */
    is_barred: boolean().notNull().default(false),
    version: bigint({ mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversation_id, table.user_id] }),
    index("members_user").on(table.user_id).where(sql`${table.left_at} is null`),
    index("members_user_left").on(table.user_id).where(sql`${table.left_at} is not null`),
  ],
);

/** Ways into groups. */
export const invites = pgTable(
  "invites",
  {
    conversation_id: uuid().notNull(),
    id: uuid().notNull(),
    /** SHA-256 of its token, which is shown once. */
    token_hash: text().notNull(),
    created_by: uuid().notNull(),
    created_at: time().notNull(),
    expires_at: time(),
    max_uses: integer(),
    uses: integer().notNull(),
    ended_at: time(),
    version: bigint({ mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversation_id, table.id] })],
);

/** Emoji on messages, those that were taken back included. */
export const reactions = pgTable(
  "reactions",
  {
    conversation_id: uuid().notNull(),
    message_id: uuid().notNull(),
    emoji: text().notNull(),
    user_id: uuid().notNull(),
    /** Of the event that made it so. */
    sequence: sequence().notNull(),
    is_on: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversation_id, table.message_id, table.emoji, table.user_id] })],
);

/** Messages that are pinned, those that were taken down included. */
export const pins = pgTable(
  "pins",
  {
    conversation_id: uuid().notNull(),
    message_id: uuid().notNull(),
    user_id: uuid().notNull(),
    at: time().notNull(),
    /** Of the event that made it so. */
    sequence: sequence().notNull(),
    is_on: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversation_id, table.message_id] })],
);

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

const signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const quoted = (text: string) => text.replaceAll("'", "''");

/** A message as it is searched: ё is е, and ASCII signs part words, so that what looks like an address or a path is its words. */
function messageText(content: SQLWrapper): SQL {
  const [signed, plain] = [`'ёЁ${quoted(signs)}'`, `'еЕ${" ".repeat(signs.length)}'`];
  return sql`translate(${content}, ${sql.raw(signed)}, ${sql.raw(plain)})`;
}

/**
 * Its words in their stems (the Russian configuration takes those in Latin letters by the English stemmer), and, under the
 * weight A, as they stand.
 */
function messageWords(content: SQLWrapper): SQL {
  const text = messageText(content);
  return sql`to_tsvector('russian', ${text}) || setweight(to_tsvector('simple', ${text}), 'A')`;
}

/**
 * Its words, each behind a mark of its conversation (`message_keys` of the migrations): a word of one conversation is
 * looked up at once, however often others say it. Two conversations may have one mark.
 */
function messageKeys(table: { conversation_id: SQLWrapper; words: SQLWrapper }): SQL {
  return sql`message_keys(${table.conversation_id}, ${table.words})`;
}

/** An upload, from its ticket on. */
export const media = pgTable(
  "media",
  {
    id: uuid().primaryKey(),
    owner_id: uuid().notNull(),
    purpose: text().$type<Purpose>().notNull(),
    content_type: text().notNull(),
    /** Bytes. */
    size: bigint({ mode: "number" }).notNull(),
    name: text(),
    /** Pixels, of images. */
    width: integer(),
    height: integer(),
    created_at: time().notNull(),
    /** Its bytes were looked at, and are where nobody can change them. */
    ready_at: time(),
    /** It was given its use: an avatar, or the message below; it is given one once. */
    claimed_at: time(),
    claimed_conversation_id: uuid(),
    claimed_message_id: uuid(),
    /** Nothing uses it any more: its bytes are to go, and then this row. */
    unused_at: time(),
  },
  (table) => [
    index("media_owner").on(table.owner_id).where(sql`${table.unused_at} is null`),
    index("media_unclaimed")
      .on(table.created_at)
      .where(sql`${table.claimed_at} is null and ${table.unused_at} is null`),
    index("media_unused").on(table.unused_at).where(sql`${table.unused_at} is not null`),
  ],
);

/** Messages that show it: the one it was sent with, and forwards of that. */
export const mediaUses = pgTable(
  "media_uses",
  {
    media_id: uuid().notNull(),
    conversation_id: uuid().notNull(),
    message_id: uuid().notNull(),
    at: time().notNull(),
    /** The message is in the archive; until then it may never come. */
    is_archived: boolean().notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.media_id, table.conversation_id, table.message_id] }),
    index("media_uses_message").on(table.conversation_id, table.message_id),
    index("media_uses_awaited").on(table.at).where(sql`not ${table.is_archived}`),
  ],
);

/** One row a message, deleted ones included. A message is only ever found within its conversation. */
export const messages = pgTable(
  "messages",
  {
    conversation_id: uuid().notNull(),
    id: uuid().notNull(),
    sequence: sequence().notNull(),
    sender_id: uuid().notNull(),
    sender_name: text().notNull(),
    content: text().notNull(),
    reply_to: uuid(),
    forwarded_from: jsonb().$type<Message["forwarded_from"]>(),
    media: jsonb().$type<Message["media"]>().notNull().default([]),
    mentions: jsonb().$type<string[]>().notNull().default([]),
    /** Hash of what was sent: the same id with the same hash is a repeat. */
    body_hash: text().notNull(),
    created_at: time().notNull(),
    updated_at: time().notNull(),
    is_edited: boolean().notNull().default(false),
    /** The sequence of the newest edit that is applied; 0 for none. */
    edited_sequence: sequence().notNull().default(0),
    is_deleted: boolean().notNull().default(false),
    /** What it is searched by: Postgres keeps it, so that an edit changes it and a deletion empties it. */
    words: tsvector().generatedAlwaysAs((): SQL => messageWords(messages.content)),
  },
  (table) => [
    primaryKey({ columns: [table.conversation_id, table.id] }),
    index("messages_times").on(table.conversation_id, table.created_at, table.sequence),
    // Without a list of what is pending, which every look into the index would read to its end.
    index("messages_words")
      .using("gin", messageKeys(table))
      .with({ fastupdate: false })
      .where(sql`not ${table.is_deleted}`),
    uniqueIndex("messages_sequence").on(table.conversation_id, table.sequence),
    index("messages_media").on(table.conversation_id, table.sequence).where(sql`${table.media} <> '[]'::jsonb`),
    index("messages_sender").on(table.conversation_id, table.sender_id, table.sequence),
  ],
);
