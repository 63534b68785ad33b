/** The files of a conversation, as they are shown. */
import type { SharedFile } from "../../protocol/media.ts";
import { kindOf } from "../conversation/media-kinds.ts";

export interface Shared {
  pictures: SharedFile[];
  files: SharedFile[];
}

/** Pictures that browsers show, in a grid; all else in a list. */
export function sharedOf(all: readonly SharedFile[]): Shared {
  const isPicture = ({ media }: SharedFile) => kindOf(media.content_type) === "picture";
  return { pictures: all.filter(isPicture), files: all.filter((one) => !isPicture(one)) };
}
