import { loopback } from "./server.ts";

/** What the embedded S3 has: one bucket. Apart from the store itself, which takes a while to load. */
export const s3Bucket = "pingme";

/** Where its buckets are: Miniflare serves them below this path (`CorePaths.R2_S3`). */
export function s3Endpoint(port: number): string {
  return `http://${loopback}:${port}/cdn-cgi/local/r2/s3`;
}
