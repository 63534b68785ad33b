/** How the Google of the tests is wrong, until it is told otherwise. */
export interface Wrong {
  /** What it answers at a path, in place of the right thing; without a status it cuts the connection. */
  at?: Record<string, { status?: number; body?: unknown; location?: string }>;
  /** Claims of the id token in place of the right ones; null takes one away. */
  claims?: Record<string, unknown>;
  /**
   * Unsigned; signed with the public key as if it were a secret; with a stranger's key under a published key's id, or
   * under an id nobody knows; with a key that was published just now.
   */
  signed?: "not" | "by public key" | "by a stranger" | "by nobody known" | "by a new key";
}

export interface GoogleProvided {
  issuer: string;
  /** PUT {@link Wrong} here; GET tells how often each path was asked. */
  control: string;
}
