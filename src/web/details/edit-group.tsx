import { useState } from "preact/hooks";
import type { Conversation } from "../../protocol/conversations.ts";
import { PictureButton } from "../avatars/picture-button.tsx";
import { client } from "../client.ts";
import { GroupFields, type GroupForm } from "../list/group-fields.tsx";
import { conversationName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";

interface EditGroupProps {
  conversation: Conversation;
  onClose(): void;
}

export function EditGroup({ conversation, onClose }: EditGroupProps) {
  const say = useText();
  const { id, title, description } = conversation;
  const [form, setForm] = useState<GroupForm>({
    title: title ?? "",
    description: description ?? "",
    public: conversation.public,
  });
  const save = useAction(async () => {
    const body = { title: form.title.trim(), description: form.description.trim() || null, public: form.public };
    client.conversations.put(await client.call("PATCH /conversations/{id}", { path: { id }, body }));
    onClose();
  });
  const isWrong = form.title.trim() === "";
  const actions = (
    <>
      <Button onClick={onClose}>{say("common.cancel")}</Button>
      <Button kind="primary" isBusy={save.isBusy} disabled={isWrong} onClick={() => void save.run()}>
        {say("common.save")}
      </Button>
    </>
  );
  return (
    <Dialog title={say("details.edit")} onClose={onClose} actions={actions}>
      <GroupPicture conversation={conversation} />
      <GroupFields form={form} onChange={setForm} {...(isWrong && { wrong: say("list.needsTitle") })} />
      <Notice>{errorText(say, save.error)}</Notice>
    </Dialog>
  );
}

/** Chosen, it is shown at once: it needs no saving. */
function GroupPicture({ conversation }: { conversation: Conversation }) {
  const say = useText();
  const { id, avatar_url } = conversation;
  const path = { id };
  const show = async (media_id: string) =>
    client.conversations.put(await client.call("PUT /conversations/{id}/avatar", { path, body: { media_id } }));
  const removal = useAction(async () => {
    await client.call("DELETE /conversations/{id}/avatar", { path });
    client.conversations.put(await client.call("GET /conversations/{id}", { path }));
  });
  return (
    <div class="group-picture">
      <Avatar id={id} name={conversationName(say, conversation)} url={avatar_url} size={64} />
      <PictureButton onUploaded={show} />
      {avatar_url && (
        <Button isBusy={removal.isBusy} onClick={() => void removal.run()}>
          {say("details.removePicture")}
        </Button>
      )}
      <Notice>{errorText(say, removal.error)}</Notice>
    </div>
  );
}
