import { useText } from "../texts/text.ts";
import { Icon } from "../ui/icon.tsx";
import { PasswordField } from "./password-field.tsx";
import { hasLength, isCommon } from "./password-rules.ts";

interface NewPasswordFieldProps {
  label: string;
  value: string;
  onValue(value: string): void;
  /** It was handed in as it was, and not taken. */
  isTried: boolean;
  /** Those the server has turned down as common. */
  refused: readonly string[];
}

/** With what is asked of it, before it is broken. */
export function NewPasswordField({ label, value, onValue, isTried, refused }: NewPasswordFieldProps) {
  const say = useText();
  const isLong = hasLength(value);
  const wrong = isTried && !isLong ? "signIn.wrongLength" : isCommon(value, refused) ? "signIn.wrongCommon" : undefined;
  return (
    <div class="new-password">
      <PasswordField label={label} value={value} onValue={onValue} error={wrong && say(wrong)} isNew />
      <ul class="rules">
        <li class={isLong ? "kept" : ""}>
          <Icon name={isLong ? "check" : "dot"} size={16} />
          {say("signIn.ruleLength")}
        </li>
        <li>
          <Icon name="dot" size={16} />
          {say("signIn.ruleCommon")}
        </li>
      </ul>
    </div>
  );
}
