import { useState } from "preact/hooks";
import type { User } from "../../protocol/users.ts";
import { client } from "../client.ts";
import { go } from "../navigation.ts";
import { type TextKey, useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { GroupFields, type GroupForm, noGroup } from "./group-fields.tsx";
import { PeoplePicker } from "./people-picker.tsx";

/** One person: the dialog with them; several, or a title: a group. */
export function NewConversation({ onClose }: { onClose(): void }) {
  const say = useText();
  const [people, setPeople] = useState<User[]>([]);
  const [isWanted, setWanted] = useState(false);
  const [group, setGroup] = useState<GroupForm>(noGroup);
  const [wrong, setWrong] = useState<TextKey>();
  const isGroup = isWanted || people.length > 1;
  const begin = useAction(async () => {
    if (isGroup && !group.title.trim()) return setWrong("list.needsTitle");
    await open(people, isGroup ? group : undefined);
    onClose();
  });
  const actions = (
    <>
      {!isGroup && <Button onClick={() => setWanted(true)}>{say("list.asGroup")}</Button>}
      <Button
        kind="primary"
        isBusy={begin.isBusy}
        disabled={!isGroup && people.length === 0}
        onClick={() => void begin.run()}
      >
        {say(isGroup ? "list.createGroup" : "list.start")}
      </Button>
    </>
  );
  return (
    <Dialog title={say("list.newConversation")} onClose={onClose} actions={actions}>
      {isGroup && <GroupFields form={group} onChange={setGroup} {...(wrong && { wrong: say(wrong) })} />}
      <PeoplePicker chosen={people} onChange={setPeople} />
      {people.length === 0 && !isGroup && <p class="quiet">{say("list.findHint")}</p>}
      <Notice>{errorText(say, begin.error, { PERMISSION_DENIED: "list.cannotReach" })}</Notice>
    </Dialog>
  );
}

/** @param group undefined for a dialog: there is one for its pair, new or not */
export async function open(people: readonly { id: string }[], group?: GroupForm): Promise<void> {
  const description = group?.description.trim();
  const body = {
    participant_ids: people.map(({ id }) => id),
    ...(group && { title: group.title.trim(), public: group.public, ...(description && { description }) }),
  };
  const made = await client.call("POST /conversations", { body });
  const isBack = made.me.hidden; // a dialog that was hidden is wanted again
  const { id } = made;
  client.conversations.put(
    isBack ? await client.call("PATCH /conversations/{id}/me", { path: { id }, body: { hidden: false } }) : made,
  );
  go({ at: "conversation", id });
}
