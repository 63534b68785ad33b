import { Fault } from "../protocol/errors.ts";
import type { AppContext } from "./context.ts";

/** A file of our own. Made anew, since the headers of what is fetched cannot be changed. */
export async function asset(c: AppContext, path: string): Promise<Response> {
  const found = await c.env.ASSETS.fetch(new URL(path, c.req.url));
  if (found.status === 404) throw new Fault("NOT_FOUND", `No page ${path}`);
  return new Response(found.body, found);
}
