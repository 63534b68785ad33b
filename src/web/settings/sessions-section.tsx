import { useState } from "preact/hooks";
import type { Session } from "../../protocol/auth.ts";
import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Ask } from "../ui/dialog.tsx";
import { PageEnd } from "../ui/page-end.tsx";
import { usePages } from "../ui/pages.ts";
import { Line, Section } from "./section.tsx";
import { shownDevice } from "./shown-device.ts";
import { useTimes } from "./use-times.ts";

export function SessionsSection() {
  const say = useText();
  const time = useTimes();
  const pages = usePages("sessions", ({ cursor, signal }) =>
    client.call("GET /auth/sessions", { query: { cursor }, signal }),
  );
  const [ending, setEnding] = useState<Session | "others">();
  const end = async () => {
    if (ending === "others") await client.call("DELETE /auth/sessions", { query: { except: "current" } });
    else if (ending) await client.call("DELETE /auth/sessions/{id}", { path: { id: ending.id } });
    pages.change((all) => all.filter((one) => one.current || (ending !== "others" && one !== ending)));
  };
  const title = ending && (ending === "others" ? say("settings.endOthers") : shownDevice(say, ending.device));
  return (
    <Section title={say("settings.sessions")}>
      <ul>
        {pages.items.map((one) => {
          const name = shownDevice(say, one.device);
          const place = [one.country, say("settings.lastUsed", { time: time(one.last_used_at) })];
          return (
            <li key={one.id}>
              <Line title={name} text={place.filter(Boolean).join(" · ")}>
                {one.current ? (
                  <span class="chip">{say("settings.thisOne")}</span>
                ) : (
                  <Button aria-label={say("settings.endNamed", { name })} onClick={() => setEnding(one)}>
                    {say("settings.end")}
                  </Button>
                )}
              </Line>
            </li>
          );
        })}
      </ul>
      <PageEnd pages={pages} />
      {pages.items.length > 1 && <Button onClick={() => setEnding("others")}>{say("settings.endOthers")}</Button>}
      {ending && title && (
        <Ask
          title={title}
          text={say(ending === "others" ? "settings.endOthersText" : "settings.endOneText")}
          verb={say("settings.end")}
          onYes={end}
          onClose={() => setEnding(undefined)}
        />
      )}
    </Section>
  );
}
