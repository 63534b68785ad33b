/** A page of a bucket's keys, as S3 lists them (ListObjectsV2, keys encoded as in URLs: nothing in them is XML). */

export interface BlobEntry {
  key: string;
  size: number;
  /** ms since 1970 */
  modified_at: number;
}

export interface BlobPage {
  entries: BlobEntry[];
  /** Where the next page begins; undefined on the last. */
  next: string | undefined;
}

/** @returns undefined for what is no such page */
export function readPage(xml: string): BlobPage | undefined {
  const isTruncated = within(xml, "IsTruncated");
  if (isTruncated === undefined) return undefined;
  const entries = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, entry = ""]) => ({
    // Some write a space as a plus.
    key: decodeURIComponent((within(entry, "Key") ?? "").replaceAll("+", "%20")),
    size: Number(within(entry, "Size")),
    modified_at: Date.parse(within(entry, "LastModified") ?? ""),
  }));
  return { entries, next: isTruncated === "true" ? entries.at(-1)?.key : undefined };
}

function within(xml: string, tag: string): string | undefined {
  return new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
}
