/** The way to Google and back. Only a code of a sign-in that this tab began is exchanged: another's would sign one in as them. */
import { cell } from "../../client/observable.ts";
import { client } from "../client.ts";
import { type Arrival, arrivalOf } from "./arrival.ts";

const key = "pingme.google";

/** Whether the server signs in with Google; undefined until it is known. */
export const hasGoogle = cell<boolean | undefined>(undefined);

/** Without an answer there is no button: it would lead nowhere. */
export function lookForGoogle(): void {
  if (hasGoogle.value !== undefined) return;
  client.call("HEAD /auth/google").then(
    () => hasGoogle.set(true),
    () => hasGoogle.set(false),
  );
}

export function leaveForGoogle(): void {
  sessionStorage.setItem(key, location.pathname + location.search + location.hash);
  location.assign(client.session.googleUrl);
}

/** What Google says of a sign-in, once; the address is cleaned of it, and is what it was when one left. */
export function takeArrival(): Arrival | undefined {
  const arrival = arrivalOf(location, sessionStorage.getItem(key));
  if (!arrival) return undefined;
  sessionStorage.removeItem(key);
  history.replaceState(null, "", arrival.to);
  return arrival;
}
