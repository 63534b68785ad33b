import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Of a dialog that is open as long as it is drawn, over all else; Esc is left to who draws it. */
export function useModal(onClose: () => void): {
  ref: RefObject<HTMLDialogElement | null>;
  onCancel(event: Event): void;
} {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const onCancel = (event: Event) => {
    event.preventDefault();
    onClose();
  };
  return { ref, onCancel };
}
