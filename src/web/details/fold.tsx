import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon, type IconName } from "../ui/icon.tsx";

interface FoldProps {
  title: string;
  icon: IconName;
  /** Asked for when it is opened first: nothing of it is loaded before. */
  children(): ComponentChildren;
}

/** A part that is opened where it is wanted. */
export function Fold({ title, icon, children }: FoldProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="line">
        <Icon name={icon} size={20} />
        {title}
      </summary>
      {isOpen && <div class="fold-body">{children()}</div>}
    </details>
  );
}
