import { go } from "../navigation.ts";

/** To a message; on a phone the details give way to it. */
export function jumpTo(id: string, sequence: number): void {
  const hasRoom = !matchMedia("(max-width: 719.98px)").matches;
  go({ at: "conversation", id, sequence, hasDetails: hasRoom });
}
