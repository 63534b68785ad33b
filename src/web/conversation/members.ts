/** The members of the group that is open: the first hundred at once, all where one is named by `@`. */
import { useEffect, useState } from "preact/hooks";
import type { Member } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { meet } from "./people.ts";

const pageSize = 100;
/** Of many who come together one question is made. */
const settleMs = 300;

interface Members {
  items: readonly Member[];
  next: string | null | undefined;
}

const none: Members = { items: [], next: undefined };

/** @param isWanted whether all of them are needed */
export function useMembers(id: string, isGroup: boolean, isWanted: boolean): readonly Member[] {
  const [members, setMembers] = useState(none);
  const load = async ({ items, next }: Members) => {
    const query = { limit: pageSize, cursor: next ?? undefined };
    const page = await client.call("GET /conversations/{id}/members", { path: { id }, query });
    meet(page.items.map(({ user }) => user));
    setMembers({ items: [...items, ...page.items], next: page.next });
  };
  const tryTo = (from: Members) => {
    load(from).catch(() => undefined); // names and pictures are missing until the next time
  };
  useEffect(() => {
    if (!isGroup) return;
    tryTo(none);
    return hearChanges(id, () => tryTo(none));
  }, [id, isGroup]);
  useEffect(() => {
    if (isWanted && members.next) tryTo(members);
  }, [isWanted, members]);
  return members.items;
}

/** Of one's own removal nothing follows: there is nothing left to be seen. */
function hearChanges(id: string, changed: () => void): () => void {
  const { value: session } = client.session.state;
  const me = session.status === "signed-in" ? session.user.id : undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hear = (frame: { conversation_id: string; type: string; user_id: string }) => {
    if (frame.conversation_id !== id) return;
    clearTimeout(timer);
    const isEnd = frame.type === "member_removed" && frame.user_id === me;
    if (!isEnd) timer = setTimeout(changed, settleMs);
  };
  const ends = [client.on("member_added", hear), client.on("member_removed", hear), client.on("member_role", hear)];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}
