import { client } from "../client.ts";
import { forget } from "../memory.ts";
import { go } from "../navigation.ts";

/** Signs out: what was typed here and not sent is nobody else's to read. */
export async function leave(): Promise<void> {
  await client.session.logout();
  forget("draft.");
  go({ at: "list" }, { replace: true });
}
