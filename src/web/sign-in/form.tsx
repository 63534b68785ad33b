import type { ComponentChildren } from "preact";

/** Its fields are judged by the server, and what is wrong is said beside them: the browser says nothing. */
export function Form({ onSubmit, children }: { onSubmit(): void; children: ComponentChildren }) {
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
