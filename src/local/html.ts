const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** What strangers wrote, as text of a page or of an attribute. */
export const safe = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
