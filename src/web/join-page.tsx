import { useEffect } from "preact/hooks";
import { client } from "./client.ts";
import { go } from "./navigation.ts";
import { useText } from "./texts/text.ts";
import { Button } from "./ui/button.tsx";
import { errorText } from "./ui/errors.ts";
import { Notice } from "./ui/field.tsx";
import { useAction, useMe, useValue } from "./ui/hooks.ts";
import { Icon } from "./ui/icon.tsx";

/**
 * Where a link of an invite leads. Who is not in a group is told nothing of it before they join, not even its name.
 * @param token behind the `#` of the link; without it only a public group lets one in
 */
export function JoinPage({ id, token }: { id: string; token: string | undefined }) {
  const say = useText();
  const me = useMe();
  const { items } = useValue(client.conversations.state);
  const isMember = items.some(({ conversation }) => conversation.id === id);
  const open = () => go({ at: "conversation", id }, { replace: true });
  useEffect(() => {
    if (isMember) open();
  }, [isMember]);
  const action = useAction(async () => {
    const joined = await client.call("POST /conversations/{id}/join", {
      path: { id },
      body: token === undefined ? {} : { invite: token },
    });
    client.conversations.put(joined);
    open();
  });
  return (
    <main class="page join">
      <div class="card">
        <span class="join-sign">
          <Icon name="people" size={32} />
        </span>
        <h1>{say("join.title")}</h1>
        <p>{say("join.text", { name: me.name })}</p>
        <Notice>{errorText(say, action.error, troubles)}</Notice>
        <Button kind="primary" isBusy={action.isBusy} onClick={() => action.run()}>
          {say("join.verb")}
        </Button>
        <Button onClick={() => go({ at: "list" }, { replace: true })}>{say("join.notNow")}</Button>
      </div>
    </main>
  );
}

const troubles = {
  CONVERSATION_NOT_FOUND: "join.nowhere",
  GONE: "join.ended",
  PERMISSION_DENIED: "join.removed",
  CONFLICT: "join.full",
  RATE_LIMIT_EXCEEDED: "join.tooOften",
  INVALID_CONTENT: "join.nowhere",
} as const;
