import { PictureButton } from "../avatars/picture-button.tsx";
import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction, useMe } from "../ui/hooks.ts";

export function OwnPicture() {
  const say = useText();
  const me = useMe();
  const show = async (media_id: string) =>
    client.session.setUser(await client.call("PUT /users/me/avatar", { body: { media_id } }));
  const removal = useAction(async () => {
    await client.call("DELETE /users/me/avatar");
    client.session.setUser(await client.call("GET /users/me"));
  });
  return (
    <div class="own-picture">
      <Avatar id={me.id} name={me.name} url={me.avatar_url} size={80} />
      <div class="own-picture-actions">
        <PictureButton onUploaded={show} />
        {me.avatar_url && (
          <Button isBusy={removal.isBusy} onClick={() => removal.run()}>
            {say("settings.removePicture")}
          </Button>
        )}
        <Notice>{errorText(say, removal.error)}</Notice>
      </div>
    </div>
  );
}
