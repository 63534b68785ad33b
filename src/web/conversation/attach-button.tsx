import { useRef } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { IconButton } from "../ui/button.tsx";

export function AttachButton({ onFiles }: { onFiles(files: readonly File[]): void }) {
  const say = useText();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="attach" label={say("conversation.attach")} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = ""; // the same file may be chosen again
        }}
      />
    </>
  );
}
