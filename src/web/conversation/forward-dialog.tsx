import { useState } from "preact/hooks";
import type { ListItem, Room } from "../../client/api.ts";
import type { ShownMessage } from "../../protocol/messages.ts";
import { client } from "../client.ts";
import { conversationName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/errors.ts";
import { Field, Notice } from "../ui/field.tsx";
import { useAction, useValue } from "../ui/hooks.ts";

interface ForwardProps {
  room: Room;
  message: ShownMessage;
  onClose(): void;
}

export function ForwardDialog({ room, message, onClose }: ForwardProps) {
  const say = useText();
  const { items } = useValue(client.conversations.state);
  const [filter, setFilter] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const action = useAction(async () => {
    for (const id of chosen) {
      await room.forwardTo(id, message.id);
      setChosen((before) => without(before, id)); // those that have it do not get it twice
    }
    onClose();
  });
  const wanted = filter.trim().toLocaleLowerCase();
  const found = items.filter(({ conversation }) =>
    conversationName(say, conversation).toLocaleLowerCase().includes(wanted),
  );
  const toggle = (id: string) =>
    setChosen((before) => (before.has(id) ? without(before, id) : new Set([...before, id])));
  const forward = (
    <Button kind="primary" isBusy={action.isBusy} disabled={chosen.size === 0} onClick={() => action.run()}>
      {chosen.size === 0 ? say("conversation.forward") : say("conversation.forwardHere", { count: chosen.size })}
    </Button>
  );
  return (
    <Dialog title={say("conversation.forwardTo")} onClose={onClose} actions={forward}>
      <Field
        type="search"
        label={say("conversation.filter")}
        value={filter}
        onInput={({ currentTarget }) => setFilter(currentTarget.value)}
      />
      <Notice>{errorText(say, action.error)}</Notice>
      <ul class="targets">
        {found.map((item) => (
          <Target
            key={item.conversation.id}
            item={item}
            isChosen={chosen.has(item.conversation.id)}
            onToggle={toggle}
          />
        ))}
      </ul>
      {found.length === 0 && <p>{say("conversation.nobodyFound")}</p>}
    </Dialog>
  );
}

const without = (all: ReadonlySet<string>, id: string) => new Set([...all].filter((one) => one !== id));

interface TargetProps {
  item: ListItem;
  isChosen: boolean;
  onToggle(id: string): void;
}

function Target({ item: { conversation }, isChosen, onToggle }: TargetProps) {
  const say = useText();
  const { id, peer, avatar_url } = conversation;
  const name = conversationName(say, conversation);
  return (
    <li>
      <label>
        <input type="checkbox" checked={isChosen} onChange={() => onToggle(id)} />
        <Avatar id={peer?.id ?? id} name={name} url={peer?.avatar_url ?? avatar_url} size={32} />
        <span>{name}</span>
      </label>
    </li>
  );
}
