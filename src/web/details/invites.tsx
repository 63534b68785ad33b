import { useState } from "preact/hooks";
import type { Invite } from "../../protocol/conversations.ts";
import { client } from "../client.ts";
import { language, useText } from "../texts/text.ts";
import { dateAndTime } from "../times.ts";
import { Button } from "../ui/button.tsx";
import { Ask } from "../ui/dialog.tsx";
import { useValue } from "../ui/hooks.ts";
import { PageEnd } from "../ui/page-end.tsx";
import { type Pages, usePages } from "../ui/pages.ts";
import { isUsable } from "./bounds.ts";
import { Fold } from "./fold.tsx";
import { NewInvite } from "./new-invite.tsx";

export function Invites({ id }: { id: string }) {
  const say = useText();
  return (
    <Fold title={say("details.invites")} icon="link">
      {() => <OpenInvites id={id} />}
    </Fold>
  );
}

function OpenInvites({ id }: { id: string }) {
  const say = useText();
  const [isNew, setNew] = useState(false);
  const [ended, setEnded] = useState<Invite>();
  const invites = usePages<Invite>(id, ({ signal, cursor }) =>
    client.call("GET /conversations/{id}/invites", { path: { id }, query: { cursor }, signal }),
  );
  return (
    <>
      <Button onClick={() => setNew(true)}>{say("details.invite")}</Button>
      <ul>
        {invites.items
          .filter((invite) => isUsable(invite, Date.now()))
          .map((invite) => (
            <li key={invite.id} class="with-button">
              <InviteText invite={invite} />
              <Button onClick={() => setEnded(invite)}>{say("details.endInvite")}</Button>
            </li>
          ))}
      </ul>
      <PageEnd pages={invites} empty={say("details.noInvites")} />
      {isNew && (
        <NewInvite id={id} onMade={(made) => invites.change((all) => [made, ...all])} onClose={() => setNew(false)} />
      )}
      {ended && <AskEnd id={id} invite={ended} invites={invites} onClose={() => setEnded(undefined)} />}
    </>
  );
}

function InviteText({ invite: { uses, max_uses, expires_at } }: { invite: Invite }) {
  const say = useText();
  const chosen = useValue(language);
  const used =
    max_uses === undefined ? say("details.used", { count: uses }) : say("details.usedOf", { uses, most: max_uses });
  const until = expires_at && say("details.until", { date: dateAndTime(new Date(expires_at), chosen) });
  return <p class="invite">{[used, until].filter(Boolean).join(", ")}</p>;
}

interface AskEndProps {
  id: string;
  invite: Invite;
  invites: Pages<Invite>;
  onClose(): void;
}

function AskEnd({ id, invite, invites, onClose }: AskEndProps) {
  const say = useText();
  const onYes = async () => {
    const path = { id, invite_id: invite.id };
    await client.call("DELETE /conversations/{id}/invites/{invite_id}", { path });
    invites.change((all) => all.filter((one) => one.id !== invite.id));
  };
  return (
    <Ask
      title={say("details.endTitle")}
      text={say("details.endText")}
      verb={say("details.endVerb")}
      onYes={onYes}
      onClose={onClose}
    />
  );
}
