import { useRef, useState } from "preact/hooks";
import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/field.tsx";
import { CropDialog } from "./crop-dialog.tsx";

interface PictureButtonProps {
  /** Takes an upload whose purpose is `avatar` into use. */
  onUploaded(mediaId: string): Promise<unknown>;
}

/** Chooses a picture, cuts a square out of it, and uploads that. */
export function PictureButton({ onUploaded }: PictureButtonProps) {
  const say = useText();
  const input = useRef<HTMLInputElement>(null);
  const [picture, setPicture] = useState<ImageBitmap>();
  const [isNone, setNone] = useState(false);
  const take = async (file: File | undefined) => {
    setNone(false);
    if (!file) return;
    try {
      setPicture(await createImageBitmap(file));
    } catch {
      setNone(true); // it cannot be read as one
    }
  };
  const close = () => {
    picture?.close();
    setPicture(undefined);
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        onChange={(event) => {
          void take(event.currentTarget.files?.[0]);
          event.currentTarget.value = ""; // the same file can be chosen again
        }}
      />
      <Button onClick={() => input.current?.click()}>{say("settings.picture")}</Button>
      <Notice>{isNone ? say("settings.notPicture") : ""}</Notice>
      {picture && (
        <CropDialog
          picture={picture}
          onClose={close}
          onCropped={async (blob) => {
            const { id } = await client.upload(blob, { purpose: "avatar", name: "avatar.jpg" });
            await onUploaded(id);
          }}
        />
      )}
    </>
  );
}
