import type { InputHTMLAttributes, Ref } from "preact";
import { useId } from "preact/hooks";

type FieldProps = InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  /** What is wrong with it; shown below it, and said. */
  error?: string | undefined;
  hint?: string | undefined;
  inputRef?: Ref<HTMLInputElement>;
};

export function Field({ label, error, hint, inputRef, ...input }: FieldProps) {
  const id = useId();
  const note = error || hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...input}
        {...(inputRef && { ref: inputRef })}
        id={id}
        aria-invalid={Boolean(error)}
        {...(note && { "aria-describedby": `${id}-note` })}
      />
      {note && (
        <p id={`${id}-note`} class={error ? "wrong" : "hint"} {...(error && { role: "alert" })}>
          {note}
        </p>
      )}
    </div>
  );
}

/** What went wrong with something as a whole, beside it. */
export function Notice({ children }: { children: string }) {
  return children ? (
    <p class="notice" role="alert">
      {children}
    </p>
  ) : null;
}
