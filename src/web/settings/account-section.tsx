import { useState } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { useMe } from "../ui/hooks.ts";
import { EmailDialog } from "./email-dialog.tsx";
import { PasswordDialog } from "./password-dialog.tsx";
import { Line, Section } from "./section.tsx";

export function AccountSection() {
  const say = useText();
  const { email } = useMe();
  const [changed, setChanged] = useState<"email" | "password">();
  const close = () => setChanged(undefined);
  return (
    <Section title={say("settings.account")}>
      <Line title={say("settings.email")} text={email}>
        <Button onClick={() => setChanged("email")}>{say("settings.changeEmail")}</Button>
      </Line>
      <Line title={say("settings.password")}>
        <Button onClick={() => setChanged("password")}>{say("settings.changePassword")}</Button>
      </Line>
      {changed === "email" && <EmailDialog onClose={close} />}
      {changed === "password" && <PasswordDialog onClose={close} />}
    </Section>
  );
}
