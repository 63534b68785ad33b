import { z } from "zod";

/** How pushes to a token fare: so many times, or until told otherwise. */
export const manners = z.strictObject({
  as: z.enum(["fine", "unregistered", "refused", "unauthenticated", "quota", "failing", "hanging"]),
  times: z.int().min(1).optional(),
  /** Of `quota` and `failing`: seconds. */
  retry_after: z.int().min(0).optional(),
});
export type Manners = z.infer<typeof manners>;
