import type { ProfileChange, Settings } from "../../protocol/users.ts";
import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Checkbox } from "../ui/checkbox.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction, useMe } from "../ui/hooks.ts";
import { Section } from "./section.tsx";

/** Each choice is kept as it is made. */
export function PrivacySection() {
  const say = useText();
  const me = useMe();
  const action = useAction(async (settings: NonNullable<ProfileChange["settings"]>) => {
    client.session.setUser(await client.call("PATCH /users/me", { body: { settings } }));
  });
  const { last_seen, read_receipts, push_text }: Settings = me.settings;
  return (
    <Section title={say("settings.privacy")}>
      <Checkbox
        label={say("settings.lastSeen")}
        hint={say("settings.lastSeenHint")}
        isOn={last_seen === "everyone"}
        onChange={(isOn) => action.run({ last_seen: isOn ? "everyone" : "nobody" })}
      />
      <Checkbox
        label={say("settings.receipts")}
        hint={say("settings.receiptsHint")}
        isOn={read_receipts}
        onChange={(isOn) => action.run({ read_receipts: isOn })}
      />
      <Checkbox
        label={say("settings.pushText")}
        hint={say("settings.pushTextHint")}
        isOn={push_text}
        onChange={(isOn) => action.run({ push_text: isOn })}
      />
      <Notice>{errorText(say, action.error)}</Notice>
    </Section>
  );
}
