import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText, wrongField } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { EmailField } from "./email-field.tsx";
import { Form } from "./form.tsx";
import type { StepProps } from "./steps.ts";

/** Forgot the password: asks where to mail a code. */
export function ResetForm({ typed, onTyped, go }: StepProps) {
  const say = useText();
  const action = useAction(async () => {
    const challenge = await client.session.resetPassword(typed.email);
    onTyped({ password: "" });
    go({ at: "new-password", challenge });
  });
  const isWrong = wrongField(action.error, "email") !== undefined;
  return (
    <>
      <p class="muted">{say("signIn.resetText")}</p>
      <Form onSubmit={() => action.run()}>
        <EmailField value={typed.email} onValue={(email) => onTyped({ email })} isWrong={isWrong} />
        <Notice>{isWrong ? "" : errorText(say, action.error)}</Notice>
        <Button kind="primary" type="submit" isBusy={action.isBusy}>
          {say("signIn.submitReset")}
        </Button>
      </Form>
      <button type="button" class="link" onClick={() => go({ at: "login" })}>
        {say("signIn.backToLogin")}
      </button>
    </>
  );
}
