import type { FoundConversation } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { conversationName } from "../names.ts";
import { go } from "../navigation.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { isMine } from "./found.ts";
import { Marked } from "./marked.tsx";
import { highlightsOf } from "./marks.ts";
import { searchText } from "./search-text.ts";
import { changeMine } from "./standing.ts";

/** A conversation of mine; or a public one, which one may join. */
export function RoomResult({ room, query }: { room: FoundConversation; query: string }) {
  const say = useText();
  const { id } = room;
  const show = () => {
    searchText.set("");
    go({ at: "conversation", id });
  };
  const open = useAction(async () => {
    show();
    if (room.me?.hidden) await changeMine(id, { hidden: false }); // it is wanted again
  });
  const join = useAction(async () => {
    client.conversations.put(await client.call("POST /conversations/{id}/join", { path: { id }, body: {} }));
    show();
  });
  if (isMine(room))
    return (
      <li>
        <button type="button" class="result" onClick={() => void open.run()}>
          <RoomLines room={room} query={query} />
        </button>
      </li>
    );
  return (
    <li>
      <div class="result">
        <RoomLines room={room} query={query} />
        <Button isBusy={join.isBusy} onClick={() => void join.run()}>
          {say("list.join")}
        </Button>
      </div>
      <Notice>{errorText(say, join.error)}</Notice>
    </li>
  );
}

function RoomLines({ room, query }: { room: FoundConversation; query: string }) {
  const say = useText();
  const name = conversationName(say, room);
  return (
    <>
      <Avatar id={room.peer?.id ?? room.id} name={name} url={room.peer?.avatar_url ?? room.avatar_url} />
      <span class="row-text">
        <span class="row-name" dir="auto">
          <Marked text={name} highlights={highlightsOf(name, query)} />
        </span>
        {room.kind === "group" && (
          <span class="row-words" dir="auto">
            {say("list.members", { count: room.member_count })}
            {room.description && ` · ${room.description}`}
          </span>
        )}
      </span>
    </>
  );
}
