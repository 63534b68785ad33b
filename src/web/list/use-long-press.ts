import { useEffect, useRef } from "preact/hooks";

const longMs = 500;
const slackPx = 10; // a finger does not stand still

type Point = { x: number; y: number };

/** A finger that stays: what other pointers have a second button for. The click that ends it counts for nothing. */
export function useLongPress(onPress: (at: Point) => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; at: Point }>(undefined);
  const isLong = useRef(false);
  const end = () => clearTimeout(press.current?.timer);
  useEffect(() => end, []);
  const handlers = {
    onPointerDown(event: PointerEvent) {
      isLong.current = false;
      if (event.pointerType !== "touch") return;
      const at = { x: event.clientX, y: event.clientY };
      const timer = setTimeout(() => {
        isLong.current = true;
        onPress(at);
      }, longMs);
      press.current = { timer, at };
    },
    onPointerMove(event: PointerEvent) {
      const from = press.current?.at;
      if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > slackPx) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
  return { handlers, wasLong: () => isLong.current };
}
