import { useEffect } from "preact/hooks";
import type { Member } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { type Pages, usePages } from "../ui/pages.ts";

const pageMost = 100;

/** The members of a group, kept up to date by its events. */
export function useMembers(id: string): Pages<Member> {
  const members = usePages<Member>(id, ({ signal, cursor }) =>
    client.call("GET /conversations/{id}/members", { path: { id }, query: { limit: pageMost, cursor }, signal }),
  );
  useEffect(() => {
    const isHere = (frame: { conversation_id: string }) => frame.conversation_id === id;
    const ends = [
      client.on("member_added", (frame) => isHere(frame) && members.reload()),
      client.on("member_removed", (frame) => {
        if (isHere(frame)) members.change((all) => all.filter(({ user }) => user.id !== frame.user_id));
      }),
      client.on("member_role", ({ user_id, role, ...frame }) => {
        if (!isHere(frame)) return;
        members.change((all) => all.map((one) => (one.user.id === user_id ? { ...one, role } : one)));
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [id]);
  return members;
}
