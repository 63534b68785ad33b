import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText, wrongField } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { EmailField } from "./email-field.tsx";
import { Form } from "./form.tsx";
import { GoogleButton } from "./google-button.tsx";
import { PasswordField } from "./password-field.tsx";
import type { StepProps } from "./steps.ts";

const troubles = {
  AUTH_FAILED: "signIn.wrongLogin",
  INVALID_CONTENT: "signIn.wrongLogin",
  RATE_LIMIT_EXCEEDED: "signIn.tooMany",
  GONE: "signIn.changed",
} as const;

/** Signed in at once where this browser is trusted, else a code is mailed. */
export function LoginForm({ typed, onTyped, go }: StepProps) {
  const say = useText();
  const { email, password } = typed;
  const action = useAction(async () => {
    const challenge = await client.session.login({ email, password });
    if (challenge) go({ at: "login-code", challenge });
  });
  const isWrongEmail = wrongField(action.error, "email") !== undefined;
  return (
    <>
      <Form onSubmit={() => action.run()}>
        <EmailField value={email} onValue={(value) => onTyped({ email: value })} isWrong={isWrongEmail} />
        <PasswordField
          label={say("signIn.password")}
          value={password}
          onValue={(value) => onTyped({ password: value })}
        />
        <Notice>{isWrongEmail ? "" : errorText(say, action.error, troubles)}</Notice>
        <Button kind="primary" type="submit" isBusy={action.isBusy}>
          {say("signIn.submitLogin")}
        </Button>
      </Form>
      <button type="button" class="link" onClick={() => go({ at: "reset" })}>
        {say("signIn.forgot")}
      </button>
      <GoogleButton />
      <p class="elsewhere">
        {say("signIn.noAccount")}{" "}
        <button type="button" class="link" onClick={() => go({ at: "register" })}>
          {say("signIn.toRegister")}
        </button>
      </p>
    </>
  );
}
