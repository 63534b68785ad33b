import { fittingWidth, keepWidth, narrowest, widest } from "./list-width.ts";
import { useText } from "./texts/text.ts";

interface ListResizerProps {
  width: number;
  onWidth(px: number): void;
}

const stepPx = 16;

/** Between the list and the rest: drawn with a pointer, moved with the arrows, double-clicked back. */
export function ListResizer({ width, onWidth }: ListResizerProps) {
  const say = useText();
  const to = (px: number) => {
    const fitting = fittingWidth(px);
    onWidth(fitting);
    keepWidth(fitting);
  };
  const keys: Record<string, number | undefined> = {
    ...{ ArrowLeft: width - stepPx, ArrowRight: width + stepPx },
    ...{ Home: narrowest, End: widest },
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved.
    <div
      class="resizer"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={say("list.resize")}
      aria-valuenow={width}
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      onPointerDown={(event) => {
        event.preventDefault(); // else it selects text
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) to(event.clientX);
      }}
      onDblClick={() => to(Number.NaN)}
      onKeyDown={(event) => {
        const px = keys[event.key];
        if (px === undefined || event.altKey) return;
        event.preventDefault();
        to(px);
      }}
    />
  );
}
