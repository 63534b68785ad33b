import { useState } from "preact/hooks";
import type { Member } from "../../protocol/conversations.ts";
import type { User } from "../../protocol/users.ts";
import { client } from "../client.ts";
import { PeoplePicker } from "../list/people-picker.tsx";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";

interface AddPeopleProps {
  id: string;
  /** Those who are in already. */
  members: readonly Member[];
  onClose(): void;
}

export function AddPeople({ id, members, onClose }: AddPeopleProps) {
  const say = useText();
  const [people, setPeople] = useState<User[]>([]);
  const [refused, setRefused] = useState(0);
  const add = useAction(async () => {
    const body = { user_ids: people.map((user) => user.id) };
    const { not_added } = await client.call("POST /conversations/{id}/members", { path: { id }, body });
    if (not_added.length === 0) return onClose();
    setRefused(not_added.length);
    setPeople(people.filter((user) => not_added.includes(user.id)));
  });
  const actions = (
    <>
      <Button onClick={onClose}>{say("common.cancel")}</Button>
      <Button kind="primary" isBusy={add.isBusy} disabled={people.length === 0} onClick={() => void add.run()}>
        {say("details.addVerb")}
      </Button>
    </>
  );
  return (
    <Dialog title={say("details.add")} onClose={onClose} actions={actions}>
      <PeoplePicker
        chosen={people}
        onChange={(chosen) => {
          setRefused(0);
          setPeople(chosen);
        }}
        without={new Set(members.map(({ user }) => user.id))}
      />
      <Notice>{refused > 0 ? say("details.notAdded", { count: refused }) : errorText(say, add.error)}</Notice>
    </Dialog>
  );
}
