import type { Reader, ShownMessage } from "../../protocol/messages.ts";
import { client } from "../client.ts";
import { personName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useValue } from "../ui/hooks.ts";
import { usePages } from "../ui/pages.ts";
import { askFor, people } from "./people.ts";

interface ReadersProps {
  message: ShownMessage;
  userId: string;
  onClose(): void;
}

/** Who has read a message of a group, and whom it has only reached. */
export function ReadersDialog({ message, userId, onClose }: ReadersProps) {
  const say = useText();
  const path = { id: message.conversation_id, message_id: message.id };
  const { items, isLoaded, error } = usePages(message.id, ({ signal }) =>
    client.call("GET /conversations/{id}/messages/{message_id}/readers", { path, signal }),
  );
  const others = items.filter(({ user_id }) => user_id !== userId);
  const read = others.filter((one) => one.read >= message.sequence);
  const delivered = others.filter((one) => one.delivered >= message.sequence && !read.includes(one));
  return (
    <Dialog title={say("conversation.readers")} onClose={onClose}>
      <Notice>{errorText(say, error)}</Notice>
      <h3>{say("conversation.readBy")}</h3>
      {isLoaded && read.length === 0 && <p>{say("conversation.nobodyYet")}</p>}
      <People readers={read} />
      {delivered.length > 0 && <h3>{say("conversation.deliveredTo")}</h3>}
      <People readers={delivered} />
    </Dialog>
  );
}

function People({ readers }: { readers: readonly Reader[] }) {
  const say = useText();
  const known = useValue(people);
  return (
    <ul class="targets">
      {readers.map(({ user_id }) => {
        askFor(user_id);
        const user = known.get(user_id);
        const name = personName(say, user?.name);
        return (
          <li key={user_id}>
            <Avatar id={user_id} name={name} url={user?.avatar_url} size={32} />
            <span>{name}</span>
          </li>
        );
      })}
    </ul>
  );
}
