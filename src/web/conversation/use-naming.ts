import { useEffect, useState } from "preact/hooks";
import { candidates, mentionAt, type Named } from "./mentions.ts";

interface Given {
  text: string;
  caret: number;
  members: readonly Named[];
  /** Somebody is about to be named. */
  onNaming(): void;
}

/** Who is offered where an `@` is typed, until that is sent away. */
export function useNaming({ text, caret, members, onNaming }: Given) {
  const [isQuiet, setQuiet] = useState(false);
  const asked = isQuiet ? undefined : mentionAt(text, caret);
  const isNaming = asked !== undefined;
  useEffect(() => {
    if (isNaming) onNaming();
  }, [isNaming]);
  return { offered: isNaming ? candidates(members, asked) : [], setQuiet };
}
