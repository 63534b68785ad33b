import { useState } from "preact/hooks";
import { client } from "../client.ts";
import { AccountName } from "../sign-in/account-name.tsx";
import { Form } from "../sign-in/form.tsx";
import { NewPasswordField } from "../sign-in/new-password-field.tsx";
import { PasswordField } from "../sign-in/password-field.tsx";
import { useNewPassword } from "../sign-in/use-new-password.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText, wrongField } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction, useMe } from "../ui/hooks.ts";

const troubles = {
  PERMISSION_DENIED: "settings.signInAgain",
  RATE_LIMIT_EXCEEDED: "settings.tooManyPasswords",
} as const;

/** Another password, or the first one of an account of Google's. */
export function PasswordDialog({ onClose }: { onClose(): void }) {
  const say = useText();
  const { email } = useMe();
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  const chosen = useNewPassword(password);
  const action = useAction(async () => {
    const body = { password, ...(old !== "" && { old_password: old }) };
    await chosen.trying(() => client.call("PUT /users/me/password", { body }));
    onClose();
  });
  const isWrongOld = wrongField(action.error, "old_password") !== undefined;
  const isWrongNew = wrongField(action.error, "password") !== undefined;
  return (
    <Dialog title={say("settings.changePassword")} onClose={onClose}>
      <Form onSubmit={() => action.run()}>
        <AccountName email={email} />
        <PasswordField
          label={say("settings.oldPassword")}
          hint={say("settings.oldPasswordHint")}
          value={old}
          onValue={setOld}
          isRequired={false}
          error={isWrongOld ? say("settings.wrongPassword") : undefined}
        />
        <NewPasswordField
          label={say("settings.newPassword")}
          value={password}
          onValue={setPassword}
          isTried={isWrongNew}
          refused={chosen.refused}
        />
        <p class="muted">{say("settings.passwordText")}</p>
        <Notice>{isWrongOld || isWrongNew ? "" : errorText(say, action.error, troubles)}</Notice>
        <Button kind="primary" type="submit" isBusy={action.isBusy}>
          {say("settings.changePassword")}
        </Button>
      </Form>
    </Dialog>
  );
}
