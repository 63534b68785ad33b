import { useState } from "preact/hooks";
import type { Challenge } from "../../client/api.ts";
import { client } from "../client.ts";
import { CodeEntry } from "../codes/code-entry.tsx";
import { AccountName } from "../sign-in/account-name.tsx";
import { Form } from "../sign-in/form.tsx";
import { PasswordField } from "../sign-in/password-field.tsx";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText, wrongField } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction, useMe } from "../ui/hooks.ts";
import { leave } from "./leave.ts";

type Proof = { password: string } | { challenge: string; code: string };

/** Names what will be lost; the password, or a mailed code for who has none, does it. */
export function DeleteDialog({ onClose }: { onClose(): void }) {
  const say = useText();
  const { email } = useMe();
  const [erase, setErase] = useState(false);
  const [challenge, setChallenge] = useState<Challenge>();
  const remove = async (proof: Proof) => {
    await client.call("DELETE /users/me", { body: { ...proof, erase } });
    await leave(); // the session has ended with the account: here it is forgotten, too
  };
  return (
    <Dialog title={say("settings.deleteAccount")} onClose={onClose}>
      <p>{say("settings.deleteText")}</p>
      <Checkbox label={say("settings.erase")} hint={say("settings.eraseHint")} isOn={erase} onChange={setErase} />
      {challenge ? (
        <CodeEntry
          email={email}
          challenge={challenge.challenge}
          onCode={(code) => remove({ challenge: challenge.challenge, code })}
          onBack={() => setChallenge(undefined)}
        >
          <p class="muted">{say("settings.deleteCodeText")}</p>
        </CodeEntry>
      ) : (
        <PasswordProof onPassword={(password) => remove({ password })} onChallenge={setChallenge} />
      )}
    </Dialog>
  );
}

interface PasswordProofProps {
  onPassword(password: string): Promise<unknown>;
  onChallenge(challenge: Challenge): void;
}

function PasswordProof({ onPassword, onChallenge }: PasswordProofProps) {
  const say = useText();
  const { email } = useMe();
  const [password, setPassword] = useState("");
  const removal = useAction(onPassword);
  const asking = useAction(async () => onChallenge(await client.call("POST /users/me/deletion-code")));
  const isWrong = wrongField(removal.error, "password") !== undefined;
  const words = errorText(say, removal.error, { RATE_LIMIT_EXCEEDED: "settings.tooManyPasswords" });
  return (
    <Form onSubmit={() => removal.run(password)}>
      <AccountName email={email} />
      <PasswordField
        label={say("settings.deleteByPassword")}
        value={password}
        onValue={setPassword}
        error={isWrong ? say("settings.wrongPassword") : undefined}
      />
      <Notice>{isWrong ? "" : words || errorText(say, asking.error)}</Notice>
      <Button kind="danger" type="submit" isBusy={removal.isBusy} disabled={password === ""}>
        {say("settings.deleteAccount")}
      </Button>
      <button type="button" class="link" disabled={asking.isBusy} onClick={() => asking.run()}>
        {say("settings.deleteByCode")}
      </button>
    </Form>
  );
}
