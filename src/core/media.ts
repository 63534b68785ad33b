/** What may be uploaded, and how it is handed out. */

const image = /^image\//;

/** What a browser may show by itself: nothing that could run. All else is only ever saved. */
const shown =
  /^(image\/(png|apng|jpeg|gif|webp|avif)|video\/(mp4|webm|quicktime)|audio\/(mpeg|mp4|ogg|webm|wav|aac|x-m4a))$/;

export function isImage(contentType: string): boolean {
  return image.test(contentType);
}

/** @param allowed patterns as `image/png`, `video/*` */
export function isAllowed(contentType: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) =>
    pattern.endsWith("/*") ? contentType.startsWith(pattern.slice(0, -1)) : contentType === pattern,
  );
}

/** The header `Content-Disposition` (RFC 6266) a file is kept with: shown where that is safe, under its own name. */
export function dispositionOf({ content_type, name }: { content_type: string; name: string | null }): string {
  const kind = shown.test(content_type) ? "inline" : "attachment";
  if (name === null) return kind;
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encodeRfc8187(name)}`;
}

function encodeRfc8187(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The upload an avatar's address is made of. */
export function avatarIn(url: string | null | undefined): string | undefined {
  return url?.slice(url.lastIndexOf("/") + 1);
}
