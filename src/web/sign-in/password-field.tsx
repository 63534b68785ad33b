import type { InputHTMLAttributes } from "preact";
import { useId, useState } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";

interface PasswordFieldProps {
  label: string;
  value: string;
  onValue(value: string): void;
  error?: string | undefined;
  hint?: string | undefined;
  /** For who keeps passwords: whether it is a new one. */
  isNew?: boolean;
  isRequired?: boolean;
}

export function PasswordField({
  label,
  value,
  onValue,
  error,
  hint,
  isNew = false,
  isRequired = true,
}: PasswordFieldProps) {
  const say = useText();
  const id = useId();
  const [isShown, setShown] = useState(false);
  const form: InputHTMLAttributes = isShown ? { type: "text" } : { type: "password" };
  const note = error || hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="password">
        <input
          id={id}
          {...form}
          autoComplete={isNew ? "new-password" : "current-password"}
          autoCapitalize="none"
          spellcheck={false}
          required={isRequired}
          value={value}
          aria-invalid={Boolean(error)}
          {...(note && { "aria-describedby": `${id}-note` })}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
        <IconButton
          icon={isShown ? "eyeOff" : "eye"}
          label={say(isShown ? "signIn.hidePassword" : "signIn.showPassword")}
          size={20}
          onClick={() => setShown(!isShown)}
        />
      </div>
      {note && (
        <p id={`${id}-note`} class={error ? "wrong" : "hint"} {...(error && { role: "alert" })}>
          {note}
        </p>
      )}
    </div>
  );
}
