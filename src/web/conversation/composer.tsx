import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../../client/api.ts";
import { draft, setDraft } from "../drafts.ts";
import { useText } from "../texts/text.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction, usePhone } from "../ui/hooks.ts";
import { AttachButton } from "./attach-button.tsx";
import { AttachmentList } from "./attachment-list.tsx";
import { isBlank, isSend, joined, leftOf, type Mode } from "./composing.ts";
import { MentionList } from "./mention-list.tsx";
import { mentionedIn, type Named, withMention } from "./mentions.ts";
import { ModeBar } from "./mode-bar.tsx";
import type { Attachments } from "./use-files.ts";
import { useGrowing } from "./use-growing.ts";
import { useNaming } from "./use-naming.ts";
import { lengthOf, mostLength } from "./words.ts";

interface ComposerProps {
  room: Room;
  mode: Mode | undefined;
  /** What is answered or edited was deleted meanwhile. */
  isModeOver: boolean;
  setMode(mode: Mode | undefined): void;
  files: Attachments;
  /** Who can be named, in a group. */
  members: readonly Named[];
  /** Somebody is about to be named. */
  onNaming(): void;
  /** The last of one's own messages is to be edited. */
  onEditLast(): void;
}

export function Composer({ room, mode, isModeOver, setMode, files, members, onNaming, onEditLast }: ComposerProps) {
  const say = useText();
  const isPhone = usePhone();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => draft(room.id));
  const [caret, setCaret] = useState(0);
  const [named, setNamed] = useState<readonly Named[]>([]);
  const isEdit = mode?.kind === "edit";

  useGrowing(field, text);
  useEffect(() => {
    if (!isPhone) field.current?.focus();
  }, []);
  useEffect(() => {
    setText(mode?.kind === "edit" ? mode.message.content : draft(room.id));
    if (mode) field.current?.focus();
  }, [mode]);

  useEffect(() => {
    if (!isModeOver || !mode) return;
    if (isEdit && text !== mode.message.content) setDraft(room.id, joined(draft(room.id), text));
    setMode(undefined);
  }, [isModeOver]);

  const { offered, setQuiet } = useNaming({ text, caret, members, onNaming });
  const left = leftOf(lengthOf(text), mostLength);
  const saysNothing = isBlank(text) && (isEdit || files.items.length === 0);
  const cannotSend = saysNothing || (left !== undefined && left < 0);

  const change = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    setQuiet(false);
    action.clear();
    if (isEdit) return;
    setDraft(room.id, next);
    if (!isBlank(next)) room.typing();
  };

  const action = useAction(async () => {
    if (mode?.kind === "edit") {
      if (text.trim() !== mode.message.content) await room.edit(mode.message.id, text.trim());
      return setMode(undefined);
    }
    const content = isBlank(text) ? "" : text.trim();
    const mentions = mentionedIn(content, named);
    const sent = files.items.map(({ blob, name, width, height }) => ({
      ...{ blob, name },
      ...(width !== undefined && height !== undefined && { width, height }),
    }));
    change("", 0);
    setNamed([]);
    setMode(undefined);
    files.clear();
    await room.send({
      content,
      ...(mode && { reply_to: mode.message.id }),
      ...(mentions.length > 0 && { mentions }),
      ...(sent.length > 0 && { files: sent }),
    });
  });
  const send = () => {
    if (!cannotSend) void action.run();
    field.current?.focus();
  };

  const choose = (person: Named) => {
    const next = withMention(text, caret, person.name);
    setNamed([...named, person]);
    change(next.text, next.caret);
    requestAnimationFrame(() => field.current?.setSelectionRange(next.caret, next.caret));
    field.current?.focus();
  };

  const attach = (chosen: readonly File[]) => {
    void files.add(chosen);
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const act = () => {
      if (event.key === "Escape" && offered.length > 0) return setQuiet(true);
      if (event.key === "Escape" && mode) return setMode(undefined);
      if (event.key === "ArrowUp" && !event.altKey && text === "" && !mode) return onEditLast();
      if (isSend(event, isPhone)) return send();
      return false;
    };
    if (act() === false) return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="composer-text">
        <Notice>{errorText(say, action.error, { PERMISSION_DENIED: "conversation.cannotWrite" })}</Notice>
        {mode && <ModeBar mode={mode} onLeave={() => setMode(undefined)} />}
        {!isEdit && <AttachmentList files={files} />}
        <MentionList people={offered} field={field} onChoose={choose} />
        {left !== undefined && <Left count={left} />}
        <div class="composer-row">
          {!isEdit && <AttachButton onFiles={attach} />}
          <textarea
            ref={field}
            rows={1}
            value={text}
            aria-label={say("conversation.write")}
            placeholder={say("conversation.write")}
            onInput={({ currentTarget }) => change(currentTarget.value, currentTarget.selectionStart)}
            onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
            onPaste={(event) => {
              const pasted = event.clipboardData?.files;
              if (!pasted || pasted.length === 0 || isEdit) return;
              event.preventDefault();
              void files.add(pasted);
            }}
          />
          {isEdit ? (
            <Button kind="primary" type="submit" isBusy={action.isBusy} disabled={cannotSend}>
              {say("conversation.save")}
            </Button>
          ) : (
            <IconButton class="send" icon="send" type="submit" label={say("conversation.send")} disabled={cannotSend} />
          )}
        </div>
      </div>
    </form>
  );
}

/** How many characters may follow, near the end; below zero, by how many it is too long. */
function Left({ count }: { count: number }) {
  const say = useText();
  const isOver = count < 0;
  return (
    <p class={`composer-note${isOver ? " wrong" : ""}`} role="status">
      {isOver ? say("conversation.tooLong", { count: -count }) : say("conversation.left", { count })}
    </p>
  );
}
