/** Where one is, as the address says: each place has one, so that back, reload and a link lead there. */
import { cell } from "../client/observable.ts";

export type Place =
  | { at: "list" }
  | { at: "conversation"; id: string; hasDetails?: boolean; sequence?: number }
  | { at: "settings" }
  | { at: "join"; id: string; token: string | undefined };

const uuid = /^[0-9a-f-]{36}$/i;

/** @param address path, query and fragment */
export function placeOf({ pathname, search, hash }: Pick<URL, "pathname" | "search" | "hash">): Place {
  const [first, id = "", third] = pathname.split("/").filter(Boolean);
  if (first === "settings") return { at: "settings" };
  if (!uuid.test(id)) return { at: "list" };
  if (first === "join") return { at: "join", id, token: hash.slice(1) || undefined };
  if (first !== "c") return { at: "list" };
  const sequence = Number(new URLSearchParams(search).get("at"));
  return {
    ...{ at: "conversation", id, hasDetails: third === "info" },
    ...(Number.isSafeInteger(sequence) && sequence > 0 && { sequence }),
  };
}

export function addressOf(place: Place): string {
  if (place.at === "list") return "/";
  if (place.at === "settings") return "/settings";
  if (place.at === "join") return `/join/${place.id}${place.token ? `#${place.token}` : ""}`;
  const query = place.sequence === undefined ? "" : `?at=${place.sequence}`;
  return `/c/${place.id}${place.hasDetails ? "/info" : ""}${query}`;
}

export const place = cell<Place>(placeOf(location));
addEventListener("popstate", () => place.set(placeOf(location)));

const addressNow = () => location.pathname + location.search + location.hash;

/** Each entry of the browser's history knows where one came from: up is then back, and the history does not grow. */
export function go(to: Place, { replace = false } = {}): void {
  const address = addressOf(to);
  if (replace) history.replaceState(history.state, "", address);
  else history.pushState({ from: addressNow() }, "", address);
  place.set(to);
}

/** Up one level on a phone: from details to the conversation, from all else to the list. */
export function goUp(): void {
  const { value } = place;
  const up: Place =
    value.at === "conversation" && value.hasDetails ? { at: "conversation", id: value.id } : { at: "list" };
  if (history.state?.from === addressOf(up)) history.back();
  else go(up);
}
