import { useState } from "preact/hooks";
import type { Challenge, Session } from "../../client/api.ts";
import { CodeEntry } from "../codes/code-entry.tsx";
import { useText } from "../texts/text.ts";
import { Checkbox } from "../ui/checkbox.tsx";
import type { StepProps } from "./steps.ts";

interface CodeStepProps extends StepProps {
  challenge: Challenge;
  from: "login" | "register";
  verify: Session["verifyLogin"];
}

export function CodeStep({ typed, go, challenge: { challenge }, from, verify }: CodeStepProps) {
  const say = useText();
  const [trust_device, setTrust] = useState(false);
  return (
    <CodeEntry
      email={typed.email}
      challenge={challenge}
      onCode={(code) => verify({ challenge, code, trust_device })}
      onBack={() => go({ at: from })}
    >
      {/* Above the boxes: when the last is filled it is too late. */}
      <Checkbox label={say("signIn.trust")} hint={say("signIn.trustHint")} isOn={trust_device} onChange={setTrust} />
    </CodeEntry>
  );
}
