/** What this browser remembers between visits: choices and drafts. Where it may not (a private window), it forgets. */
const prefix = "pingme.";

export function remembered(key: string): string | undefined {
  try {
    return localStorage.getItem(prefix + key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param value undefined forgets it */
export function remember(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch {
    // Full, or not allowed: it was only to be convenient.
  }
}

/** All it remembers under keys that begin so: at the end of a session nothing of it stays. */
export function forget(keyPrefix: string): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix + keyPrefix)) localStorage.removeItem(key);
  } catch {
    // As above.
  }
}
