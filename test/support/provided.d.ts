import "vitest";
import type { GoogleProvided } from "./google-wrong.ts";

declare module "vitest" {
  /** What `backends.ts` starts, for `inject`. */
  interface ProvidedContext {
    /** Every configuration variable, for the embedded backends; the bindings of the Worker under test. */
    variables: Record<string, string>;
    /** The mailbox's address: `${mailbox}/api/mails?to=`. */
    mailbox: string;
    /** The embedded FCM's address: `${fcm}/api/pushes?token=`. */
    fcm: string;
    /** The Google that is as wrong as a test tells it to be (`google.setup.ts`). */
    google: GoogleProvided;
    /** A folder with a migrated, empty Postgres, to be copied. */
    template: string;
    /** An empty folder of this run, removed at its end. */
    scratch: string;
    /** The mail server that misbehaves (`smtp.setup.ts`). */
    smtp: { port: number; heard: string };
  }
}
