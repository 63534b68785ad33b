import { z } from "zod";
import { limits } from "./limits.ts";

/** How many items of a page are asked for. */
export const pageLimit = z.coerce.number().int().min(1).max(limits.pageMost).default(limits.pageDefault);

/** A page by an opaque cursor: `next` of the page before. */
export const page = z.object({ cursor: z.string().max(1_024).optional(), limit: pageLimit });
