import { client } from "../client.ts";
import { go } from "../navigation.ts";

/** Signs out, and begins anew at the front. */
export async function leave(): Promise<void> {
  await client.session.logout();
  go({ at: "list" }, { replace: true });
}
