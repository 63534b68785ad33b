import { client } from "../client.ts";
import type { Media } from "./media-kinds.ts";

/** Through an address signed now; its name comes with it. */
export async function download({ id, name }: Media): Promise<void> {
  const link = document.createElement("a");
  link.href = await client.mediaUrl(id);
  link.download = name ?? "";
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.click();
}
