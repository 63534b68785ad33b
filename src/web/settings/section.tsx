import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A part of the settings, under its name. */
export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="settings-section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

interface LineProps {
  title: string;
  text?: string;
  /** What can be done with it. */
  children?: ComponentChildren;
}

/** What something is, and what can be done with it beside it. */
export function Line({ title, text, children }: LineProps) {
  return (
    <div class="settings-line">
      <div>
        <p>{title}</p>
        {text && <p class="hint">{text}</p>}
      </div>
      {children}
    </div>
  );
}
