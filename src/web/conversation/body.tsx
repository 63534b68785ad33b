import { partsOf } from "./words.ts";

/** A message's text: line breaks kept, addresses made links, nothing else taken for more than text. */
export function Body({ text }: { text: string }) {
  return (
    <>
      {partsOf(text).map((part, index) =>
        part.kind === "text" ? (
          part.text
        ) : (
          <a key={`${index} ${part.href}`} href={part.href} target="_blank" rel="noopener noreferrer">
            {part.text}
          </a>
        ),
      )}
    </>
  );
}
