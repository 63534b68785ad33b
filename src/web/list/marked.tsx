import type { Highlight } from "../../protocol/messages.ts";
import { segmentsOf } from "./marks.ts";

/** A text with the words in it that were asked for. */
export function Marked({ text, highlights }: { text: string; highlights: readonly Highlight[] }) {
  return (
    <>
      {segmentsOf(text, highlights).map((segment, index) =>
        segment.isMarked ? <mark key={index}>{segment.text}</mark> : segment.text,
      )}
    </>
  );
}
