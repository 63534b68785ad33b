import type { TextKey } from "../texts/text.ts";

/** How one comes back from Google. */
export interface Arrival {
  /** The address one left from. */
  to: string;
  code?: string;
  /** In words why there is none. */
  trouble?: TextKey;
}

const troubles: Record<string, TextKey> = {
  access_denied: "signIn.googleDenied",
  temporarily_unavailable: "signIn.googleAway",
  email_unverified: "signIn.googleUnverified",
  account_conflict: "signIn.googleConflict",
};

/**
 * What an address says that Google has led to.
 * @param mark where this tab left from; null where it has not left
 */
export function arrivalOf(
  { pathname, search }: Pick<URL, "pathname" | "search">,
  mark: string | null,
): Arrival | undefined {
  const said = new URLSearchParams(search);
  const [code, error] = [said.get("code"), said.get("error")];
  if (pathname !== "/" || (code === null && error === null)) return undefined;
  if (mark === null) return { to: "/", trouble: "signIn.googleStranger" };
  const to = /^\/(?![/\\])/.test(mark) ? mark : "/";
  return code === null ? { to, trouble: troubles[error ?? ""] ?? "signIn.googleFailed" } : { to, code };
}
