/** All routes with what they take and answer: types only, nothing of it is shipped. */
import type { z } from "zod";
import type { deletion, deletionBegun, emailChange, passwordChange } from "../protocol/accounts.ts";
import type * as auth from "../protocol/auth.ts";
import type * as conversations from "../protocol/conversations.ts";
import type { EventFrame } from "../protocol/frames.ts";
import type { googleExchange } from "../protocol/google.ts";
import type { avatarChoice, mediaLink, newTicket, SharedFile, ticket } from "../protocol/media.ts";
import type * as messages from "../protocol/messages.ts";
import type { pushDevice } from "../protocol/push.ts";
import type { Me, profileChange, User } from "../protocol/users.ts";

/** A page by an opaque cursor: `next`, null on the last. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

interface PageQuery {
  cursor?: string | undefined;
  limit?: number | undefined;
}

interface HistoryQuery {
  /** At most one of these three: a sequence. */
  before?: number | undefined;
  after?: number | undefined;
  around?: number | undefined;
  limit?: number | undefined;
}

interface MessageSearch extends PageQuery {
  /** Words, `half` a word, `"a phrase"`, `-without`. */
  query: string;
  /** The id of who said it. */
  sender?: string | undefined;
  sent_before?: string | undefined;
  sent_after?: string | undefined;
  has_media?: boolean | undefined;
}

interface InRoom {
  path: { id: string };
}

interface AtMessage {
  path: { id: string; message_id: string };
}

/** A durable event as the frame of that type carries it. */
type Event<T extends EventFrame["type"]> = Omit<Extract<EventFrame, { type: T }>, "type">;

type SignedIn = z.output<typeof auth.signedInAnswer>;
type Trusting = z.output<typeof auth.trustingAnswer>;
type Conversation = conversations.Conversation;
type None = undefined;

interface AuthRoutes {
  "POST /auth/register": { body: z.input<typeof auth.registration>; answer: auth.PendingCode };
  "POST /auth/verify-registration": { body: z.input<typeof auth.signInCode>; answer: Trusting };
  /** With a session where the device is trusted. */
  "POST /auth/login": { body: z.input<typeof auth.login>; answer: auth.PendingCode | SignedIn };
  "POST /auth/verify-login": { body: z.input<typeof auth.signInCode>; answer: Trusting };
  "POST /auth/resend-code": { body: z.input<typeof auth.resending>; answer: auth.PendingCode };
  "POST /auth/reset-password": { body: z.input<typeof auth.resetQuestion>; answer: auth.PendingCode };
  "POST /auth/verify-reset-password": { body: z.input<typeof auth.resetAnswer>; answer: SignedIn };
  "POST /auth/refresh": { body?: z.input<typeof auth.refreshing>; answer: z.output<typeof auth.refreshed> };
  "POST /auth/logout": { answer: None };
  "POST /auth/verify-token": { body: z.input<typeof auth.tokenQuestion>; answer: z.output<typeof auth.tokenState> };
  /** Answers where signing in with Google is set up, and begins nothing. */
  "HEAD /auth/google": { answer: None };
  "POST /auth/google/exchange": { body: z.input<typeof googleExchange>; answer: SignedIn };
  "GET /auth/sessions": { query?: PageQuery; answer: Page<auth.Session> };
  "DELETE /auth/sessions/{id}": { path: { id: string }; answer: None };
  "DELETE /auth/sessions": { query?: z.input<typeof auth.ending>; answer: None };
  "GET /auth/devices": { query?: PageQuery; answer: Page<auth.Device> };
  "DELETE /auth/devices/{id}": { path: { id: string }; answer: None };
}

interface UserRoutes {
  "GET /users/me": { answer: Me };
  "PATCH /users/me": { body: z.input<typeof profileChange>; answer: Me };
  "DELETE /users/me": { body: z.input<typeof deletion>; answer: z.output<typeof deletionBegun> };
  "POST /users/me/deletion-code": { answer: auth.PendingCode };
  "PUT /users/me/password": { body: z.input<typeof passwordChange>; answer: None };
  "POST /users/me/email": { body: z.input<typeof emailChange>; answer: auth.PendingCode };
  "POST /users/me/email/verify": { body: z.input<typeof auth.codeAnswer>; answer: Me };
  "PUT /users/me/avatar": { body: z.input<typeof avatarChoice>; answer: Me };
  "DELETE /users/me/avatar": { answer: None };
  "PUT /users/me/devices/{device_id}": {
    path: { device_id: string };
    body: z.input<typeof pushDevice>;
    answer: None;
  };
  "DELETE /users/me/devices/{device_id}": { path: { device_id: string }; answer: None };
  "GET /users/me/blocks": { query?: PageQuery; answer: Page<User> };
  "PUT /users/me/blocks/{user_id}": { path: { user_id: string }; answer: None };
  "DELETE /users/me/blocks/{user_id}": { path: { user_id: string }; answer: None };
  "GET /users/search": { query: PageQuery & { query?: string }; answer: Page<User> };
  "GET /users/{id}": { path: { id: string }; answer: User };
}

interface ConversationRoutes {
  "GET /conversations": { query?: PageQuery & { archived?: boolean | undefined }; answer: Page<Conversation> };
  "POST /conversations": { body: z.input<typeof conversations.newConversation>; answer: Conversation };
  "GET /conversations/search": {
    query: PageQuery & { query: string; scope?: "mine" | "public" | undefined };
    answer: Page<conversations.FoundConversation>;
  };
  "GET /conversations/{id}": InRoom & { answer: Conversation };
  "PATCH /conversations/{id}": InRoom & {
    body: z.input<typeof conversations.conversationChange>;
    answer: Conversation;
  };
  "DELETE /conversations/{id}": InRoom & { answer: None };
  "PATCH /conversations/{id}/me": InRoom & { body: z.input<typeof conversations.myChange>; answer: Conversation };
  "POST /conversations/{id}/restore": InRoom & { answer: Conversation };
  "PUT /conversations/{id}/avatar": InRoom & { body: z.input<typeof avatarChoice>; answer: Conversation };
  "DELETE /conversations/{id}/avatar": InRoom & { answer: None };
  "GET /conversations/{id}/media": InRoom & { query?: PageQuery; answer: Page<SharedFile> };
  "GET /conversations/{id}/pins": InRoom & { query?: PageQuery; answer: Page<messages.Pin> };
}

interface MemberRoutes {
  "GET /conversations/{id}/members": InRoom & { query?: PageQuery; answer: Page<conversations.Member> };
  "POST /conversations/{id}/members": InRoom & {
    body: z.input<typeof conversations.newMembers>;
    answer: { items: conversations.Member[]; not_added: string[] };
  };
  "PATCH /conversations/{id}/members/{user_id}": {
    path: { id: string; user_id: string };
    body: z.input<typeof conversations.roleChange>;
    answer: conversations.Member;
  };
  "DELETE /conversations/{id}/members/{user_id}": { path: { id: string; user_id: string }; answer: None };
  "POST /conversations/{id}/leave": InRoom & { answer: None };
  "POST /conversations/{id}/join": InRoom & { body?: z.input<typeof conversations.join>; answer: Conversation };
  "POST /conversations/{id}/transfer": InRoom & { body: z.input<typeof conversations.transfer>; answer: Conversation };
  "GET /conversations/{id}/invites": InRoom & { query?: PageQuery; answer: Page<conversations.Invite> };
  "POST /conversations/{id}/invites": InRoom & {
    body?: z.input<typeof conversations.newInvite>;
    answer: z.output<typeof conversations.shownInvite>;
  };
  "DELETE /conversations/{id}/invites/{invite_id}": { path: { id: string; invite_id: string }; answer: None };
}

interface MessageRoutes {
  "GET /conversations/{id}/messages": InRoom & {
    query?: HistoryQuery;
    answer: { items: messages.ShownMessage[]; next: number | null };
  };
  "POST /conversations/{id}/messages": InRoom & { body: z.input<typeof messages.newMessage>; answer: messages.Message };
  "GET /conversations/{id}/messages/{message_id}": AtMessage & { answer: messages.ShownMessage };
  "PATCH /conversations/{id}/messages/{message_id}": AtMessage & {
    body: z.input<typeof messages.newContent>;
    answer: Event<"message_edit">;
  };
  "DELETE /conversations/{id}/messages/{message_id}": AtMessage & { answer: None };
  /** The path names the source, `conversation_id` the target. */
  "POST /conversations/{id}/messages/{message_id}/forward": AtMessage & {
    body: z.input<typeof messages.newForward>;
    answer: Event<"message_forward">;
  };
  "PUT /conversations/{id}/messages/{message_id}/reactions/{emoji}": {
    path: { id: string; message_id: string; emoji: string };
    answer: Event<"reaction">;
  };
  "DELETE /conversations/{id}/messages/{message_id}/reactions/{emoji}": {
    path: { id: string; message_id: string; emoji: string };
    answer: None;
  };
  "GET /conversations/{id}/messages/{message_id}/readers": AtMessage & { answer: Page<messages.Reader> };
  "POST /conversations/{id}/read": InRoom & {
    body: z.input<typeof messages.markRead>;
    answer: z.output<typeof messages.readMark>;
  };
  "GET /conversations/{id}/messages/search": InRoom & { query: MessageSearch; answer: Page<messages.FoundMessage> };
  "GET /messages/search": { query: MessageSearch; answer: Page<messages.FoundMessage> };
}

interface MediaRoutes {
  "POST /media": { body: z.input<typeof newTicket>; answer: z.output<typeof ticket> };
  "POST /media/{id}/complete": { path: { id: string }; answer: z.output<typeof messages.media> };
  "GET /media/{id}": { path: { id: string }; answer: z.output<typeof mediaLink> };
  "DELETE /media/{id}": { path: { id: string }; answer: None };
}

/** A route's path parameters, query, body and answer. */
export interface Routes extends AuthRoutes, UserRoutes, ConversationRoutes, MemberRoutes, MessageRoutes, MediaRoutes {}

export type Route = keyof Routes;
export type Answer<R extends Route> = Routes[R]["answer"];
export type Input<R extends Route> = Omit<Routes[R], "answer"> & { signal?: AbortSignal | undefined };
