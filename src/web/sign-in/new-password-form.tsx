import { useId, useState } from "preact/hooks";
import type { Challenge } from "../../client/api.ts";
import { client } from "../client.ts";
import { CodeBoxes } from "../codes/code-boxes.tsx";
import { noDigits, wholeCode } from "../codes/digits.ts";
import { Resend } from "../codes/resend.tsx";
import { SentTo } from "../codes/sent-to.tsx";
import { type CodeTrouble, codeTrouble } from "../codes/trouble.ts";
import { type Say, useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText, wrongField } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { AccountName } from "./account-name.tsx";
import { Form } from "./form.tsx";
import { NewPasswordField } from "./new-password-field.tsx";
import type { StepProps } from "./steps.ts";
import { useNewPassword } from "./use-new-password.ts";

/** Of a code that opens the account without its password. */
const count = 8;

export function NewPasswordForm({ typed, onTyped, go, challenge }: StepProps & { challenge: Challenge }) {
  const say = useText();
  const id = useId();
  const [digits, setDigits] = useState(noDigits(count));
  const [wrong, setWrong] = useState(0);
  const [isOver, setOver] = useState(false);
  const [trouble, setTrouble] = useState<CodeTrouble>();
  const chosen = useNewPassword(typed.password);
  const code = wholeCode(digits);
  const action = useAction(async () => {
    if (code === undefined) return;
    setTrouble(undefined);
    const answer = { challenge: challenge.challenge, code, password: typed.password };
    try {
      await chosen.trying(() => client.session.verifyResetPassword(answer));
    } catch (error) {
      const found = codeTrouble(error, wrong);
      setTrouble(found);
      if (found.is === "other") throw error;
      setWrong(wrong + 1);
      setDigits(noDigits(count));
    }
  });
  const again = () => go({ at: "reset" });
  const isEnded = isOver || trouble?.is === "ended" || trouble?.is === "used";
  const isWrongPassword = wrongField(action.error, "password") !== undefined;
  return (
    <Form onSubmit={() => (isEnded ? again() : action.run())}>
      <AccountName email={typed.email} />
      <SentTo email={typed.email} count={count} onChange={again} />
      <CodeBoxes
        digits={digits}
        onDigits={setDigits}
        isWrong={trouble?.is === "wrong"}
        isBusy={action.isBusy}
        describedBy={id}
      />
      <div id={id}>
        <Notice>{isOver ? say("codes.ended") : wordsOf(say, trouble)}</Notice>
      </div>
      {!isEnded && (
        <>
          <NewPasswordField
            label={say("signIn.newPassword")}
            value={typed.password}
            onValue={(password) => onTyped({ password })}
            isTried={isWrongPassword}
            refused={chosen.refused}
          />
          <p class="muted">{say("signIn.resetEnds")}</p>
          <Notice>{isWrongPassword ? "" : errorText(say, action.error)}</Notice>
        </>
      )}
      <Button kind="primary" type="submit" isBusy={action.isBusy} disabled={!isEnded && code === undefined}>
        {say(isEnded ? "codes.restart" : "signIn.submitNewPassword")}
      </Button>
      {!isEnded && <Resend challenge={challenge.challenge} onEnded={() => setOver(true)} />}
    </Form>
  );
}

function wordsOf(say: Say, trouble: CodeTrouble | undefined): string {
  if (trouble?.is === "wrong") return say("codes.wrong", { count: trouble.left });
  return trouble === undefined || trouble.is === "other" ? "" : say(`codes.${trouble.is}`);
}
