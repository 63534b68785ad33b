import { useText } from "../texts/text.ts";
import { Field } from "../ui/field.tsx";

interface EmailFieldProps {
  value: string;
  onValue(value: string): void;
  isWrong: boolean;
}

export function EmailField({ value, onValue, isWrong }: EmailFieldProps) {
  const say = useText();
  return (
    <Field
      label={say("signIn.email")}
      type="email"
      autoComplete="username"
      autoCapitalize="none"
      spellcheck={false}
      required
      value={value}
      error={isWrong ? say("signIn.wrongEmail") : undefined}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  );
}
