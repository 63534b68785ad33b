import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

export interface MenuItem {
  label: string;
  icon?: IconName;
  isDanger?: boolean;
  onSelect(): void;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  /** Where it opens: beside what was pressed, or at a point of the window. */
  at: DOMRect | { x: number; y: number };
  onClose(): void;
  /** Above the items: more buttons. */
  children?: ComponentChildren;
}

const edge = 8;

/** A list of what can be done: arrows move, Enter does, Esc and a press elsewhere close it. */
export function Menu({ label, items, at, onClose, children }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const menu = ref.current;
    if (menu) standAt(menu, at);
  }, [at]);
  useEffect(() => {
    const before = document.activeElement;
    buttonsOf(ref.current)[0]?.focus();
    const look = (event: PointerEvent) => {
      if (event.target instanceof Node && !ref.current?.contains(event.target)) onClose();
    };
    // A finger that opened it by staying may have left the focus elsewhere.
    const key = (event: KeyboardEvent) => move(event, ref.current, onClose);
    addEventListener("pointerdown", look, true);
    addEventListener("keydown", key, true);
    return () => {
      removeEventListener("keydown", key, true);
      removeEventListener("pointerdown", look, true);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <div ref={ref} class="menu" role="menu" aria-label={label}>
      {children}
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          class={item.isDanger ? "danger" : ""}
          onClick={() => {
            onClose();
            item.onSelect();
          }}
        >
          {item.icon && <Icon name={item.icon} size={20} />}
          {item.label}
        </button>
      ))}
    </div>
  );
}

const buttonsOf = (menu: HTMLElement | null) => [...(menu?.querySelectorAll("button") ?? [])];

function move(event: KeyboardEvent, menu: HTMLElement | null, close: () => void): void {
  const buttons = buttonsOf(menu);
  const now = buttons.findIndex((button) => button.matches(":focus"));
  const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (to !== undefined) buttons.at(to % buttons.length)?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Below, or above where there is no room; never over an edge. */
function standAt(menu: HTMLElement, at: MenuProps["at"]): void {
  const { width, height } = menu.getBoundingClientRect();
  const { left, top, bottom } = "width" in at ? at : { left: at.x, top: at.y, bottom: at.y };
  const below = bottom + height + edge <= innerHeight ? bottom : Math.max(edge, top - height);
  menu.style.left = `${Math.max(edge, Math.min(left, innerWidth - width - edge))}px`;
  menu.style.top = `${below}px`;
}
