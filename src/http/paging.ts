import { z } from "@hono/zod-openapi";
import { type Position, readCursor, writeCursor } from "../core/cursor.ts";
import { wrongField } from "./context.ts";

/** The body of a page: `next` is the cursor of the next one, null on the last. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** A page of what was found: one more than `limit` where there is a next page, which begins behind the last one shown. */
export function cut<Row>(rows: Row[], limit: number, placeOf: (row: Row) => Position) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(placeOf(last)) : null };
}

/** Where a page begins. @throws Fault INVALID_CONTENT for what was never a cursor of ours */
export function placeOf<Place>(cursor: string | undefined, form: z.ZodType<Place>): Place | undefined {
  if (cursor === undefined) return undefined;
  const read = form.safeParse(readCursor(cursor));
  if (read.success) return read.data;
  throw wrongField("cursor", "is not one of ours");
}
