import { useState } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Ask } from "../ui/dialog.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { leave } from "./leave.ts";
import { Section } from "./section.tsx";

export function LeaveSection() {
  const say = useText();
  const [asked, setAsked] = useState<"sign-out" | "delete">();
  const close = () => setAsked(undefined);
  return (
    <Section title={say("settings.leave")}>
      <div class="settings-actions">
        <Button onClick={() => setAsked("sign-out")}>{say("settings.signOut")}</Button>
        <Button kind="danger" onClick={() => setAsked("delete")}>
          {say("settings.deleteAccount")}
        </Button>
      </div>
      {asked === "sign-out" && (
        <Ask
          title={say("settings.signOut")}
          text={say("settings.signOutText")}
          verb={say("settings.signOut")}
          onYes={leave}
          onClose={close}
        />
      )}
      {asked === "delete" && <DeleteDialog onClose={close} />}
    </Section>
  );
}
