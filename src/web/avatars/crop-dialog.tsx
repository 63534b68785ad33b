import { useEffect, useRef, useState } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { closest, middleOf, moved, type Square, sideOf, squareOf, zoomed } from "./crop.ts";

interface CropDialogProps {
  picture: ImageBitmap;
  onCropped(blob: Blob): Promise<unknown>;
  onClose(): void;
}

/** Of the square on the screen; drawn twice as fine, for dense screens. */
const shownPx = 256;
const step = 0.05;

const arrows: Record<string, { x: number; y: number } | undefined> = {
  ArrowLeft: { x: -step, y: 0 },
  ArrowRight: { x: step, y: 0 },
  ArrowUp: { x: 0, y: -step },
  ArrowDown: { x: 0, y: step },
};

export function CropDialog({ picture, onCropped, onClose }: CropDialogProps) {
  const say = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [look, setLook] = useState(() => middleOf(picture));
  const square = squareOf(picture, look);
  useEffect(() => {
    if (canvas.current) draw(canvas.current, picture, square);
  }, [look]);
  const action = useAction(async () => {
    await onCropped(await cut(picture, square));
    onClose();
  });
  const actions = (
    <>
      <Button onClick={onClose}>{say("common.cancel")}</Button>
      <Button kind="primary" isBusy={action.isBusy} onClick={() => action.run()}>
        {say("settings.usePicture")}
      </Button>
    </>
  );
  return (
    <Dialog title={say("settings.crop")} onClose={onClose} actions={actions}>
      <div
        class="crop"
        role="img"
        aria-label={say("settings.cropHint")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrows move the picture.
        tabIndex={0}
        onKeyDown={(event) => {
          const by = arrows[event.key];
          if (!by) return;
          event.preventDefault();
          setLook(moved(picture, look, by));
        }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const by = { x: -event.movementX / shownPx, y: -event.movementY / shownPx };
          setLook((before) => moved(picture, before, by));
        }}
      >
        <canvas ref={canvas} width={shownPx * 2} height={shownPx * 2} />
      </div>
      <label class="zoom">
        {say("settings.zoom")}
        <input
          type="range"
          min={1}
          max={closest}
          step={0.01}
          value={look.zoom}
          onInput={(event) => setLook(zoomed(picture, look, Number(event.currentTarget.value)))}
        />
      </label>
      <p class="hint">{say("settings.cropHint")}</p>
      <Notice>{errorText(say, action.error)}</Notice>
    </Dialog>
  );
}

function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, { x, y, side }: Square): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white"; // behind what one can see through: a JPEG has no holes
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
}

function cut(picture: ImageBitmap, square: Square): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = sideOf(square);
  draw(canvas, picture, square);
  return new Promise((resolve, reject) => {
    const take = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error("The picture could not be cut")));
    canvas.toBlob(take, "image/jpeg", 0.9);
  });
}
