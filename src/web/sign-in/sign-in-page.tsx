import { useState } from "preact/hooks";
import { client } from "../client.ts";
import { place } from "../navigation.ts";
import { useText } from "../texts/text.ts";
import { Notice } from "../ui/field.tsx";
import { useValue } from "../ui/hooks.ts";
import { Mark } from "../ui/mark.tsx";
import { CodeStep } from "./code-step.tsx";
import { LanguageLinks } from "./language-links.tsx";
import { LoginForm } from "./login-form.tsx";
import { NewPasswordForm } from "./new-password-form.tsx";
import { RegisterForm } from "./register-form.tsx";
import { ResetForm } from "./reset-form.tsx";
import type { Step, StepProps, Typed } from "./steps.ts";

const titles = {
  login: "signIn.title",
  register: "signIn.titleRegister",
  reset: "signIn.titleReset",
  "login-code": "signIn.titleCode",
  "register-code": "signIn.titleCode",
  "new-password": "signIn.titleReset",
} as const;

/** @param notice what went wrong before one came here, in words */
export function SignInPage({ notice = "" }: { notice?: string }) {
  const say = useText();
  const here = useValue(place);
  const [step, go] = useState<Step>({ at: "login" });
  const [typed, setTyped] = useState<Typed>({ email: "", password: "", name: "" });
  const onTyped = (change: Partial<Typed>) => setTyped((before) => ({ ...before, ...change }));
  return (
    <main class="page sign-in">
      <div class="brand">
        <Mark />
        PingMe
      </div>
      <div class="card">
        <h1>{say(titles[step.at])}</h1>
        {here.at === "join" && (step.at === "login" || step.at === "register") && (
          <p class="muted">{say("signIn.toJoin")}</p>
        )}
        {step.at === "login" && <Notice>{notice}</Notice>}
        <StepForm key={step.at} step={step} typed={typed} onTyped={onTyped} go={go} />
      </div>
      <LanguageLinks />
    </main>
  );
}

function StepForm({ step, ...props }: StepProps & { step: Step }) {
  const { session } = client;
  switch (step.at) {
    case "login":
      return <LoginForm {...props} />;
    case "register":
      return <RegisterForm {...props} />;
    case "reset":
      return <ResetForm {...props} />;
    case "login-code":
      return <CodeStep {...props} challenge={step.challenge} from="login" verify={session.verifyLogin} />;
    case "register-code":
      return <CodeStep {...props} challenge={step.challenge} from="register" verify={session.verifyRegistration} />;
    case "new-password":
      return <NewPasswordForm {...props} challenge={step.challenge} />;
  }
}
