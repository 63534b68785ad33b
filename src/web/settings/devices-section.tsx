import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { PageEnd } from "../ui/page-end.tsx";
import { usePages } from "../ui/pages.ts";
import { Line, Section } from "./section.tsx";
import { shownDevice } from "./shown-device.ts";
import { useTimes } from "./use-times.ts";

export function DevicesSection() {
  const say = useText();
  const time = useTimes();
  const pages = usePages("devices", ({ cursor, signal }) =>
    client.call("GET /auth/devices", { query: { cursor }, signal }),
  );
  const removal = useAction(async (id: string) => {
    await client.call("DELETE /auth/devices/{id}", { path: { id } });
    pages.change((all) => all.filter((one) => one.id !== id));
  });
  return (
    <Section title={say("settings.devices")}>
      <p class="muted">{say("settings.devicesText")}</p>
      <ul>
        {pages.items.map((one) => {
          const name = shownDevice(say, one.name);
          return (
            <li key={one.id}>
              <Line title={name} text={say("settings.trustedSince", { time: time(one.trusted_at) })}>
                <Button
                  aria-label={say("settings.removeNamed", { name })}
                  disabled={removal.isBusy}
                  onClick={() => removal.run(one.id)}
                >
                  {say("settings.remove")}
                </Button>
              </Line>
            </li>
          );
        })}
      </ul>
      <Notice>{errorText(say, removal.error)}</Notice>
      <PageEnd pages={pages} empty={say("settings.noDevices")} />
    </Section>
  );
}
