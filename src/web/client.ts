import { createClient } from "../client/client.ts";

/** The one way to the server, which is where this page comes from. */
export const client = createClient({ url: location.origin, session: "cookie" });
