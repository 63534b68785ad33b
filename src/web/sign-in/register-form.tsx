import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText, wrongField } from "../ui/errors.ts";
import { Field, Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { EmailField } from "./email-field.tsx";
import { Form } from "./form.tsx";
import { GoogleButton } from "./google-button.tsx";
import { NewPasswordField } from "./new-password-field.tsx";
import type { StepProps } from "./steps.ts";
import { useNewPassword } from "./use-new-password.ts";

export function RegisterForm({ typed, onTyped, go }: StepProps) {
  const say = useText();
  const { email, password, name } = typed;
  const chosen = useNewPassword(password);
  const action = useAction(async () => {
    const challenge = await chosen.trying(() => client.session.register({ email, password, name }));
    go({ at: "register-code", challenge });
  });
  const isWrong = (path: string) => wrongField(action.error, path) !== undefined;
  const isSaidBeside = ["email", "name", "password"].some(isWrong);
  return (
    <>
      <Form onSubmit={() => action.run()}>
        <Field
          label={say("signIn.name")}
          autoComplete="name"
          required
          maxLength={64}
          value={name}
          hint={say("signIn.nameHint")}
          error={isWrong("name") ? say("signIn.wrongName") : undefined}
          onInput={(event) => onTyped({ name: event.currentTarget.value })}
        />
        <EmailField value={email} onValue={(value) => onTyped({ email: value })} isWrong={isWrong("email")} />
        <NewPasswordField
          label={say("signIn.password")}
          value={password}
          onValue={(value) => onTyped({ password: value })}
          isTried={isWrong("password")}
          refused={chosen.refused}
        />
        <Notice>{isSaidBeside ? "" : errorText(say, action.error)}</Notice>
        <Button kind="primary" type="submit" isBusy={action.isBusy}>
          {say("signIn.submitRegister")}
        </Button>
      </Form>
      <GoogleButton />
      <p class="elsewhere">
        {say("signIn.hasAccount")}{" "}
        <button type="button" class="link" onClick={() => go({ at: "login" })}>
          {say("signIn.toLogin")}
        </button>
      </p>
    </>
  );
}
