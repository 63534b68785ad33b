import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { Button, IconButton } from "./button.tsx";
import { errorText } from "./errors.ts";
import { Notice } from "./field.tsx";
import { useAction } from "./hooks.ts";
import { useModal } from "./modal.ts";

interface DialogProps {
  title: string;
  onClose(): void;
  children: ComponentChildren;
  /** At its foot. */
  actions?: ComponentChildren;
}

/** Over all else; the browser holds the focus in it, and gives it back. Esc and a click beside it close it. */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const say = useText();
  const id = useId();
  const modal = useModal(onClose);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc does the same, and is the browser's.
    <dialog
      {...modal}
      class="dialog"
      aria-labelledby={id}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={say("common.close")} onClick={onClose} />
        </header>
        <div class="dialog-content">{children}</div>
        {actions && <footer>{actions}</footer>}
      </div>
    </dialog>
  );
}

interface AskProps {
  title: string;
  /** What will be lost. */
  text: string;
  /** What the button says: the verb. */
  verb: string;
  onYes(): Promise<unknown>;
  onClose(): void;
}

/** Before what cannot be undone: asks once. */
export function Ask({ title, text, verb, onYes, onClose }: AskProps) {
  const say = useText();
  const action = useAction(async () => {
    await onYes();
    onClose();
  });
  const actions = (
    <>
      <Button onClick={onClose}>{say("common.cancel")}</Button>
      <Button kind="danger" isBusy={action.isBusy} onClick={() => action.run()}>
        {verb}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} actions={actions}>
      <p>{text}</p>
      <Notice>{errorText(say, action.error)}</Notice>
    </Dialog>
  );
}
