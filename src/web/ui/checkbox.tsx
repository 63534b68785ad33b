import { useId } from "preact/hooks";

interface CheckboxProps {
  label: string;
  hint?: string;
  isOn: boolean;
  onChange(isOn: boolean): void;
  disabled?: boolean;
}

/** The whole line is pressed. */
export function Checkbox({ label, hint, isOn, onChange, disabled = false }: CheckboxProps) {
  const id = useId();
  return (
    <label class="checkbox">
      <input
        type="checkbox"
        checked={isOn}
        disabled={disabled}
        aria-labelledby={`${id}-label`}
        {...(hint && { "aria-describedby": `${id}-hint` })}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        <span id={`${id}-label`}>{label}</span>
        {hint && (
          <span id={`${id}-hint`} class="hint">
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}
