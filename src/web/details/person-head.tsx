import { useEffect, useState } from "preact/hooks";
import type { User } from "../../protocol/users.ts";
import { client } from "../client.ts";
import { seenText } from "../conversation/format.ts";
import { personName } from "../names.ts";
import { language, useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { useValue } from "../ui/hooks.ts";
import { usePresence } from "../ui/presence.ts";
import { Block } from "./block.tsx";

/** The other one of a dialog. */
export function PersonHead({ peer }: { peer: User }) {
  const say = useText();
  const person = useProfile(peer);
  const { isOnline, seen } = useSeen(peer.id);
  const name = personName(say, person.name);
  return (
    <div class="details-head">
      <Avatar id={peer.id} name={name} url={person.avatar_url} size={88} isOnline={isOnline} />
      <p class="details-name" dir="auto">
        {name}
      </p>
      {person.username && <p class="quiet">@{person.username}</p>}
      <p class="quiet">{isOnline ? say("details.online") : seen && say("details.lastSeen", { when: seen })}</p>
      {person.bio && (
        <p class="details-about" dir="auto">
          {person.bio}
        </p>
      )}
      <Block userId={peer.id} />
    </div>
  );
}

/** As it is now: what the conversation's record says may be some minutes old. */
function useProfile(peer: User): User {
  const [person, setPerson] = useState(peer);
  useEffect(() => {
    // Deleted, or the server is away: as the record has it.
    client.call("GET /users/{id}", { path: { id: peer.id } }).then(setPerson, () => setPerson(peer));
  }, [peer.id]);
  return person;
}

function useSeen(id: string): { isOnline: boolean; seen: string | undefined } {
  const chosen = useValue(language);
  const presence = usePresence([id]).get(id);
  const at = presence?.last_seen;
  return {
    isOnline: presence?.online === true,
    seen: at === undefined ? undefined : seenText(chosen, new Date(at), new Date()),
  };
}
