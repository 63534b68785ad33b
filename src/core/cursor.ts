/** Opaque page cursors: a tuple of strings and numbers in base64url. Clients give them back as they got them. */
export type Position = readonly (string | number)[];

export function writeCursor(position: Position): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(position))))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** @returns the position, or undefined for what was never a cursor. */
export function readCursor(cursor: string): Position | undefined {
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const position: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
    return isPosition(position) ? position : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException || error instanceof TypeError) return undefined;
    throw error;
  }
}

function isPosition(value: unknown): value is Position {
  return Array.isArray(value) && value.every((part) => typeof part === "string" || typeof part === "number");
}
