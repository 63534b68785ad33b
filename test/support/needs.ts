/**
 * What a journey needs of a server beside its address. The server that the tests start has all of it; the one at
 * PINGME_URL has what it is said to have, and a journey that needs more is left out and says why (`npm run conformance`).
 */
export const needs = {
  mailbox: { variable: "PINGME_MAILBOX_URL", why: "needs the mailbox the server mails to: --mailbox" },
  fcm: { variable: "PINGME_FCM_URL", why: "needs the stand-in for FCM the server pushes to: --fcm" },
  google: { variable: "PINGME_GOOGLE_URL", why: "needs the stand-in for Google the server signs in with: --google" },
} as const;

/** Thrown where it turns out, in a hook or in the middle of a test: the kit's table tells it from a failure. */
export class LeftOut extends Error {
  override name = "LeftOut";
}

/** The server to test, if it is not one of the tests' own. */
export const givenUrl = (): string | undefined => bare(process.env.PINGME_URL);

/** The address of what the given server has beside it. @throws LeftOut where nothing was said of it */
export function needed(what: keyof typeof needs): string {
  const url = bare(process.env[needs[what].variable]);
  if (!url) throw new LeftOut(needs[what].why);
  return url;
}

/** For what only a server that the test itself has started can show: kills, backends away, other limits. @throws LeftOut */
export function needsOwnServer(): void {
  if (givenUrl()) throw new LeftOut("needs a server of its own");
}

/** @throws LeftOut where the server keeps no media */
export async function needsMedia({ url }: { url: string }): Promise<void> {
  const { backends } = await (await fetch(`${url}/ready`)).json();
  if (!backends.s3) throw new LeftOut("needs a server that keeps media: its S3_ variables are not set");
}

function bare(address: string | undefined): string | undefined {
  return address?.replace(/\/$/, "") || undefined;
}
