import { useState } from "preact/hooks";
import type { User } from "../../protocol/users.ts";
import { client } from "../client.ts";
import { personName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Field, Notice } from "../ui/field.tsx";
import { useMe } from "../ui/hooks.ts";
import { Icon } from "../ui/icon.tsx";
import { usePages, useSettled } from "../ui/pages.ts";

const settledMs = 200;

interface PeoplePickerProps {
  chosen: readonly User[];
  onChange(chosen: User[]): void;
  /** Ids of those who are not offered. */
  without?: ReadonlySet<string>;
}

/** Finds people by name or username, and collects them. */
export function PeoplePicker({ chosen, onChange, without = new Set() }: PeoplePickerProps) {
  const say = useText();
  const me = useMe();
  const [text, setText] = useState("");
  const query = useSettled(text.trim(), settledMs) || undefined;
  const found = usePages(query, ({ signal, ...page }) =>
    client.call("GET /users/search", { query: { ...page, query: query ?? "" }, signal }),
  );
  const isOffered = ({ id }: User) => id !== me.id && !without.has(id);
  const offered = found.items.filter(isOffered);
  const isChosen = (id: string) => chosen.some((one) => one.id === id);
  const toggle = (user: User) =>
    onChange(isChosen(user.id) ? chosen.filter(({ id }) => id !== user.id) : [...chosen, user]);
  return (
    <>
      <Chosen people={chosen} onRemove={toggle} />
      <Field
        label={say("list.find")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        autoFocus
        autoComplete="off"
        type="search"
      />
      <Notice>{errorText(say, found.error)}</Notice>
      {query && found.isLoaded && !found.isLoading && offered.length === 0 && !found.error && (
        <p class="quiet" role="status">
          {say("list.nobodyFound")}
        </p>
      )}
      <ul class="people" aria-label={say("list.people")}>
        {offered.map((user) => (
          <li key={user.id}>
            <button type="button" class="person" aria-pressed={isChosen(user.id)} onClick={() => toggle(user)}>
              <Avatar id={user.id} name={user.name} url={user.avatar_url} size={36} />
              <span class="person-text">
                <span dir="auto">{personName(say, user.name)}</span>
                {user.username && <span class="quiet">@{user.username}</span>}
              </span>
              {isChosen(user.id) && <Icon name="check" />}
            </button>
          </li>
        ))}
      </ul>
      {found.hasMore && (
        <Button isBusy={found.isLoading} onClick={found.loadMore}>
          {say("common.more")}
        </Button>
      )}
    </>
  );
}

function Chosen({ people, onRemove }: { people: readonly User[]; onRemove(user: User): void }) {
  const say = useText();
  if (people.length === 0) return null;
  return (
    <ul class="picked" aria-label={say("list.chosen")}>
      {people.map((user) => (
        <li key={user.id}>
          <button
            type="button"
            class="picked-person"
            aria-label={say("list.unchoose", { name: user.name })}
            onClick={() => onRemove(user)}
          >
            {personName(say, user.name)}
            <Icon name="close" size={16} />
          </button>
        </li>
      ))}
    </ul>
  );
}
