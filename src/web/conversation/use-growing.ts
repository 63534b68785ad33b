import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** As high as its text; beyond eight lines (its style says so) it scrolls. */
export function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const { current } = field;
    if (!current) return;
    current.style.height = "auto";
    current.style.height = `${current.scrollHeight + current.offsetHeight - current.clientHeight}px`;
  }, [text]);
}
