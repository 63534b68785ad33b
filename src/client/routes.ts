/** All routes with what they take and answer: types only, nothing of it is shipped. */
import type { z } from "zod";
import type { Conversation, newConversation } from "../protocol/conversations.ts";
import type { ShownMessage } from "../protocol/messages.ts";
import type { Me, User } from "../protocol/users.ts";

/** A page by an opaque cursor. */
export interface Page<T> {
  items: T[];
  next?: string;
}

/** A route's path parameters, query, body and answer. */
export interface Routes {
  "GET /users/me": { answer: Me };
  "GET /users/{id}": { path: { id: string }; answer: User };
  "GET /conversations": { query: { cursor?: string; limit?: number; archived?: boolean }; answer: Page<Conversation> };
  "POST /conversations": { body: z.input<typeof newConversation>; answer: Conversation };
  "GET /conversations/{id}": { path: { id: string }; answer: Conversation };
  "GET /conversations/{id}/messages": {
    path: { id: string };
    query: { before?: number; after?: number; around?: number; limit?: number };
    answer: { items: ShownMessage[]; next: number | null };
  };
}

export type Route = keyof Routes;
export type Answer<R extends Route> = Routes[R]["answer"];
export type Input<R extends Route> = Omit<Routes[R], "answer"> & { signal?: AbortSignal };
