import type { ComponentChildren } from "preact";
import { PingMeError } from "../../client/error.ts";
import type { Page } from "../../client/routes.ts";
import { client } from "../client.ts";
import { type TextKey, useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useMe } from "../ui/hooks.ts";
import { type Pages, usePages } from "../ui/pages.ts";
import { byMembership, strangersIn } from "./found.ts";
import { MessageResult } from "./message-result.tsx";
import { PersonResult } from "./person-result.tsx";
import { RoomResult } from "./room-result.tsx";

const fewFirst = 5; // people and conversations of a section, before one asks for more
const messagesFirst = 20;

/** @param query what stood still for a while; empty: nothing is asked */
export function SearchResults({ query }: { query: string }) {
  const say = useText();
  const me = useMe();
  const key = query || undefined;
  const people = usePages(key, ({ signal, ...page }) =>
    client.call("GET /users/search", { query: { ...page, query, limit: fewFirst }, signal }),
  );
  const rooms = usePages(key, ({ signal, ...page }) =>
    client.call("GET /conversations/search", { query: { ...page, query, limit: fewFirst }, signal }),
  );
  const messages = usePages(key, ({ signal, ...page }) =>
    orNothing(client.call("GET /messages/search", { query: { ...page, query, limit: messagesFirst }, signal })),
  );
  const all = [people, rooms, messages];
  const strangers = strangersIn(people.items, rooms.items, me.id);
  const isNothing =
    strangers.length + rooms.items.length + messages.items.length === 0 &&
    all.every((one) => one.isLoaded && !one.isLoading && !one.error);
  return (
    <section class="results" aria-label={say("list.results")}>
      <Notice>{errorText(say, all.find((one) => one.error)?.error)}</Notice>
      <p class="quiet" role="status">
        {key && isNothing ? say("list.nothing", { query }) : ""}
      </p>
      <Section title="list.people" pages={people} count={strangers.length}>
        {strangers.map((user) => (
          <PersonResult key={user.id} user={user} query={query} />
        ))}
      </Section>
      <Section title="list.conversations" pages={rooms} count={rooms.items.length}>
        {byMembership(rooms.items).map((room) => (
          <RoomResult key={room.id} room={room} query={query} />
        ))}
      </Section>
      <Section title="list.messages" pages={messages} count={messages.items.length}>
        {messages.items.map((message) => (
          <MessageResult key={message.conversation_id + message.id} message={message} />
        ))}
      </Section>
    </section>
  );
}

/** A query without a word to look for is refused: nothing has been said so. */
export async function orNothing<T>(asked: Promise<Page<T>>): Promise<Page<T>> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof PingMeError && error.code === "INVALID_CONTENT") return { items: [], next: null };
    throw error;
  }
}

interface SectionProps {
  title: TextKey;
  pages: Pages<unknown>;
  count: number;
  children: ComponentChildren;
}

function Section({ title, pages, count, children }: SectionProps) {
  const say = useText();
  if (count === 0) return null;
  return (
    <section>
      <h3>{say(title)}</h3>
      <ul>{children}</ul>
      {pages.hasMore && (
        <Button isBusy={pages.isLoading} onClick={pages.loadMore}>
          {say("common.more")}
        </Button>
      )}
    </section>
  );
}
