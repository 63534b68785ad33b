import type { User } from "../../protocol/users.ts";
import { personName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { Marked } from "./marked.tsx";
import { highlightsOf } from "./marks.ts";
import { open } from "./new-conversation.tsx";
import { searchText } from "./search-text.ts";

/** Somebody to begin a dialog with. */
export function PersonResult({ user, query }: { user: User; query: string }) {
  const say = useText();
  const begin = useAction(async () => {
    await open([user]);
    searchText.set("");
  });
  const name = personName(say, user.name);
  return (
    <li>
      <button type="button" class="result" aria-busy={begin.isBusy} onClick={() => void begin.run()}>
        <Avatar id={user.id} name={name} url={user.avatar_url} />
        <span class="row-text">
          <span class="row-name" dir="auto">
            <Marked text={name} highlights={highlightsOf(name, query)} />
          </span>
          {user.username && (
            <span class="row-words">
              @<Marked text={user.username} highlights={highlightsOf(user.username, query.replace(/^@/, ""))} />
            </span>
          )}
        </span>
      </button>
      <Notice>{errorText(say, begin.error, { PERMISSION_DENIED: "list.cannotReach" })}</Notice>
    </li>
  );
}
