import { useRef } from "preact/hooks";
import type { Spot } from "./deeds.ts";

const longMs = 450;
/** CSS pixels a finger may move and still be pressing. */
const tremor = 10;

/** The menu of what is pressed: a long press of a finger, the other button of a mouse, the key for it. */
export function usePress(open: (at: Spot) => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(null);
  const end = () => {
    if (press.current) clearTimeout(press.current.timer);
    press.current = null;
  };
  return {
    onPointerDown(event: PointerEvent) {
      end();
      if (event.pointerType !== "touch") return;
      const at = { x: event.clientX, y: event.clientY };
      press.current = { timer: setTimeout(() => open(at), longMs), ...at };
    },
    onPointerMove({ clientX, clientY }: PointerEvent) {
      if (press.current && Math.hypot(clientX - press.current.x, clientY - press.current.y) > tremor) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onContextMenu(event: MouseEvent) {
      if (event.target instanceof Element && event.target.closest("a, img, video")) {
        if (!press.current) return;
      } else if (getSelection()?.type === "Range") return;
      event.preventDefault();
      if (!press.current) open({ x: event.clientX, y: event.clientY });
    },
  };
}
