import { useEffect, useState } from "preact/hooks";
import type { Conversation, Member } from "../../protocol/conversations.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Field, Notice } from "../ui/field.tsx";
import { PageEnd } from "../ui/page-end.tsx";
import type { Pages } from "../ui/pages.ts";
import { usePresence } from "../ui/presence.ts";
import { AddPeople } from "./add-people.tsx";
import { MemberMenu, type OpenMember } from "./member-menu.tsx";
import { MemberRow } from "./member-row.tsx";
import { inRank, may, membersLike } from "./roles.ts";
import { useMembers } from "./use-members.ts";

const searchedFrom = 10; // members: fewer are seen at a glance
const watchedMost = 60; // the list and the conversation watch people, too

export function Members({ conversation }: { conversation: Conversation }) {
  const say = useText();
  const { id, member_count: count } = conversation;
  const members = useMembers(id);
  const [text, setText] = useState("");
  const [isAdding, setAdding] = useState(false);
  const [menu, setMenu] = useState<OpenMember>();
  const [trouble, setTrouble] = useState<unknown>();
  useAll(members, text.trim() !== "");
  const shown = inRank(membersLike(members.items, text));
  const presence = usePresence(shown.slice(0, watchedMost).map(({ user }) => user.id));
  return (
    <section class="part">
      <h3>{say("details.members", { count })}</h3>
      {may(conversation, "add") && <Button onClick={() => setAdding(true)}>{say("details.add")}</Button>}
      {count > searchedFrom && (
        <Field
          label={say("details.findMember")}
          type="search"
          autoComplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
      <Notice>{errorText(say, trouble)}</Notice>
      <ul>
        {shown.map((member) => (
          <MemberRow
            key={member.user.id}
            member={member}
            mine={conversation.me.role}
            isOnline={presence.get(member.user.id)?.online === true}
            onMenu={(open) => {
              setTrouble(undefined);
              setMenu(open);
            }}
            onTrouble={setTrouble}
          />
        ))}
      </ul>
      {members.items.length > 0 && shown.length === 0 && !members.hasMore && (
        <p class="quiet" role="status">
          {say("details.noMember")}
        </p>
      )}
      <PageEnd pages={members} />
      {menu && <MemberMenu id={id} mine={conversation.me.role} open={menu} onChange={setMenu} onTrouble={setTrouble} />}
      {isAdding && <AddPeople id={id} members={members.items} onClose={() => setAdding(false)} />}
    </section>
  );
}

/** All pages, one after the other, while somebody is looked for. */
function useAll(members: Pages<Member>, isWanted: boolean): void {
  const isNext = isWanted && members.hasMore && !members.isLoading && members.error === undefined;
  useEffect(() => {
    if (isNext) members.loadMore();
  }, [isNext, members.items.length]);
}
