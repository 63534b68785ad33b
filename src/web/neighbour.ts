/** The one before or after another; from nowhere the first, or the last. At an end it stays there. */
export function neighbour(ids: readonly string[], id: string | undefined, by: 1 | -1): string | undefined {
  const at = id === undefined ? -1 : ids.indexOf(id);
  if (at < 0) return by === 1 ? ids[0] : ids.at(-1);
  return ids[Math.max(0, Math.min(at + by, ids.length - 1))];
}
