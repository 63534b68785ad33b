import { client } from "../client.ts";
import { personName } from "../names.ts";
import { useText } from "../texts/text.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { PageEnd } from "../ui/page-end.tsx";
import { usePages } from "../ui/pages.ts";
import { Section } from "./section.tsx";

export function BlockedSection() {
  const say = useText();
  const pages = usePages("blocks", ({ cursor, signal }) =>
    client.call("GET /users/me/blocks", { query: { cursor }, signal }),
  );
  const unblocking = useAction(async (user_id: string) => {
    await client.call("DELETE /users/me/blocks/{user_id}", { path: { user_id } });
    pages.change((all) => all.filter((one) => one.id !== user_id));
  });
  return (
    <Section title={say("settings.blocked")}>
      <ul>
        {pages.items.map(({ id, name, avatar_url }) => (
          <li key={id} class="settings-line">
            <Avatar id={id} name={name} url={avatar_url} />
            <p>{personName(say, name)}</p>
            <Button
              aria-label={say("settings.unblockNamed", { name: personName(say, name) })}
              disabled={unblocking.isBusy}
              onClick={() => unblocking.run(id)}
            >
              {say("settings.unblock")}
            </Button>
          </li>
        ))}
      </ul>
      <Notice>{errorText(say, unblocking.error)}</Notice>
      <PageEnd pages={pages} empty={say("settings.nobodyBlocked")} />
    </Section>
  );
}
