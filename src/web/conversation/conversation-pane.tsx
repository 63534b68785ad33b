import { useEffect, useMemo, useState } from "preact/hooks";
import type { Room, RoomState } from "../../client/api.ts";
import type { Conversation } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { place } from "../navigation.ts";
import { useText } from "../texts/text.ts";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useMe, useValue } from "../ui/hooks.ts";
import { AskedOf } from "./asked.tsx";
import { Composer } from "./composer.tsx";
import type { Mode } from "./composing.ts";
import { holds } from "./goal.ts";
import { Header } from "./header.tsx";
import { History } from "./history.tsx";
import { useMembers } from "./members.ts";
import { meet } from "./people.ts";
import { PinBar } from "./pin-bar.tsx";
import { usePins } from "./pins.ts";
import { deedsOn } from "./rights.ts";
import { useDeeds } from "./use-deeds.ts";
import { useDrop } from "./use-drop.ts";
import { useFiles } from "./use-files.ts";

/** @param sequence where to open it; left out: at what is unread */
export function ConversationPane({ id, sequence }: { id: string; sequence?: number }) {
  const say = useText();
  const me = useMe();
  const room = client.conversation(id);
  const state = useOpen(room, sequence);
  const conversation = useRecord(id, state);
  const [mode, setMode] = useState<Mode>();
  const [isNaming, setNaming] = useState(false);
  const isGroup = conversation?.kind === "group";
  const members = useMembers(id, isGroup, isNaming);
  const pins = usePins(id);
  const isPinned = (message: { id: string }) => pins.some((pin) => pin.message.id === message.id);
  const { deeds, choose, react, asked, setAsked, target, problem, jump } = useDeeds({
    ...{ room, userId: me.id, sequence, setMode, isPinned },
  });
  const files = useFiles();
  const drop = useDrop((dropped) => void files.add(dropped));
  const named = useMemo(() => members.map(({ user }) => user).filter((user) => user.id !== me.id), [members, me.id]);
  useEffect(() => meet([me, ...(conversation?.peer ? [conversation.peer] : [])]), [me, conversation?.peer]);
  const here = useValue(place);
  useEffect(() => {
    if (here.at === "conversation" && here.sequence !== undefined) jump(here.sequence);
  }, [here]);

  const ownerId = members.find(({ role }) => role === "OWNER")?.user.id;
  const deedsFor = (message: Parameters<typeof deedsOn>[0]) =>
    deedsOn(message, conversation ?? { kind: "dialog", me: { role: "MEMBER" } }, {
      ...{ userId: me.id, ownerId },
      now: Date.now(),
    });
  const editLast = () => {
    const message = state.messages.findLast((one) => one.sender_id === me.id && deedsFor(one).has("edit"));
    if (message) setMode({ kind: "edit", message });
  };
  const isDeleted = ({ id }: { id: string }) => state.messages.find((one) => one.id === id)?.is_deleted === true;
  const isAskedOver = asked !== undefined && isDeleted(asked.message);
  useEffect(() => {
    if (isAskedOver) setAsked(undefined);
  }, [isAskedOver]);
  const ended = endOf(state, conversation);
  return (
    <main class="pane conversation" {...drop.handlers}>
      <Header id={id} conversation={conversation} state={state} />
      {state.status !== "gone" && (
        <>
          <PinBar pins={pins} onJump={jump} />
          <History {...{ room, state, conversation, deeds }} userId={me.id} target={target} />
        </>
      )}
      <Notice>{errorText(say, problem)}</Notice>
      {ended ? (
        <p class="composer-end">{say(ended)}</p>
      ) : (
        <Composer
          {...{ room, mode, setMode, files }}
          isModeOver={mode !== undefined && isDeleted(mode.message)}
          members={named}
          onNaming={() => setNaming(true)}
          onEditLast={editLast}
        />
      )}
      {drop.isOver && <p class="drop">{say("conversation.dropHere")}</p>}
      {asked && state.status !== "gone" && (
        <AskedOf
          {...{ asked, room, setAsked }}
          userId={me.id}
          deeds={deedsFor(asked.message)}
          isPinned={isPinned(asked.message)}
          onChoose={(deed, message) => choose[deed](message)}
          onReact={react}
        />
      )}
    </main>
  );
}

/** As the list has it, until the room has loaded its own. */
function useRecord(id: string, { conversation }: RoomState): Conversation | undefined {
  const { items } = useValue(client.conversations.state);
  return conversation ?? items.find((item) => item.conversation.id === id)?.conversation;
}

/** Followed for as long as it is shown: from a message on, or from what is unread. */
function useOpen(room: Room, sequence: number | undefined): RoomState {
  const state = useValue(room.state);
  useEffect(() => {
    const { conversation, me, unread } = room.state.value;
    const around = sequence ?? (conversation && me && unread > 0 ? me.read : undefined);
    const isLoaded = around === undefined || (room.state.value.messages.length > 0 && holds(room.state.value, around));
    return room.open(isLoaded ? {} : { around });
  }, [room]);
  return state;
}

/** Why nothing can be said here. */
function endOf({ status }: RoomState, conversation: Conversation | undefined) {
  if (status === "gone") return "conversation.gone";
  return conversation?.kind === "dialog" && conversation.peer?.name === "" ? "conversation.peerGone" : undefined;
}
