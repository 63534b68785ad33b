import { useState } from "preact/hooks";
import type { Challenge } from "../../client/api.ts";
import { client } from "../client.ts";
import { CodeEntry } from "../codes/code-entry.tsx";
import { Form } from "../sign-in/form.tsx";
import { PasswordField } from "../sign-in/password-field.tsx";
import { type Say, useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText, wrongField } from "../ui/errors.ts";
import { Field, Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";

/** Another address: shown the password, the server mails a code to it. */
export function EmailDialog({ onClose }: { onClose(): void }) {
  const say = useText();
  const [email, setEmail] = useState("");
  const [challenge, setChallenge] = useState<Challenge>();
  const verify = async (code: string) => {
    if (!challenge) return;
    const body = { challenge: challenge.challenge, code };
    client.session.setUser(await client.call("POST /users/me/email/verify", { body }));
    onClose();
  };
  return (
    <Dialog title={say("settings.changeEmail")} onClose={onClose}>
      {challenge ? (
        <CodeEntry
          email={email}
          challenge={challenge.challenge}
          onCode={verify}
          onBack={() => setChallenge(undefined)}
        />
      ) : (
        <AddressForm email={email} onEmail={setEmail} onChallenge={setChallenge} />
      )}
    </Dialog>
  );
}

interface AddressFormProps {
  email: string;
  onEmail(email: string): void;
  onChallenge(challenge: Challenge): void;
}

function AddressForm({ email, onEmail, onChallenge }: AddressFormProps) {
  const say = useText();
  const [password, setPassword] = useState("");
  const action = useAction(async () => {
    onChallenge(await client.call("POST /users/me/email", { body: { email, password } }));
  });
  const isWrongEmail = wrongField(action.error, "email") !== undefined;
  const wrongPassword = passwordTrouble(say, action.error);
  return (
    <Form onSubmit={() => action.run()}>
      <p class="muted">{say("settings.emailText")}</p>
      <Field
        label={say("settings.newEmail")}
        type="email"
        autoComplete="email"
        value={email}
        error={isWrongEmail ? say("signIn.wrongEmail") : undefined}
        onInput={(event) => onEmail(event.currentTarget.value)}
      />
      <PasswordField label={say("settings.password")} value={password} onValue={setPassword} error={wrongPassword} />
      <Notice>
        {isWrongEmail || wrongPassword
          ? ""
          : errorText(say, action.error, { RATE_LIMIT_EXCEEDED: "settings.tooManyPasswords" })}
      </Notice>
      <Button kind="primary" type="submit" isBusy={action.isBusy}>
        {say("settings.sendCode")}
      </Button>
    </Form>
  );
}

/** The server's own words tell a wrong one from none that was ever set. */
function passwordTrouble(say: Say, error: unknown): string | undefined {
  const said = wrongField(error, "password");
  if (said === undefined) return undefined;
  return say(said.includes("set one first") ? "settings.passwordFirst" : "settings.wrongPassword");
}
