import { useEffect, useState } from "preact/hooks";
import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";

/** Whether one has blocked somebody, and how to change that. */
export function Block({ userId }: { userId: string }) {
  const say = useText();
  const [isBlocked, setBlocked] = useState<boolean>();
  useEffect(() => {
    // Not known, nothing is offered.
    hasBlocked(userId).then(setBlocked, () => undefined);
  }, [userId]);
  const toggle = useAction(async () => {
    const path = { user_id: userId };
    if (isBlocked) await client.call("DELETE /users/me/blocks/{user_id}", { path });
    else await client.call("PUT /users/me/blocks/{user_id}", { path });
    setBlocked(!isBlocked);
  });
  if (isBlocked === undefined) return null;
  return (
    <>
      {isBlocked && <p class="quiet">{say("details.blocked")}</p>}
      <Button kind={isBlocked ? "plain" : "danger"} isBusy={toggle.isBusy} onClick={() => void toggle.run()}>
        {say(isBlocked ? "details.unblock" : "details.block")}
      </Button>
      <Notice>{errorText(say, toggle.error)}</Notice>
    </>
  );
}

const pageMost = 100;

async function hasBlocked(userId: string, cursor?: string): Promise<boolean> {
  const { items, next } = await client.call("GET /users/me/blocks", { query: { limit: pageMost, cursor } });
  if (items.some(({ id }) => id === userId)) return true;
  return next !== null && (await hasBlocked(userId, next));
}
