import { useEffect } from "preact/hooks";
import { client } from "./client.ts";
import { go, goUp, place } from "./navigation.ts";
import { neighbour } from "./neighbour.ts";

/** Keys that work everywhere but over a dialog or a menu: search, the conversation above or below, back. */
export function useShortcuts(): void {
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open], [role=menu]")) return;
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  const isPlain = !ctrlKey && !metaKey && !altKey && !shiftKey;
  if (event.code === "KeyK" && (ctrlKey || metaKey) && !altKey && !shiftKey) search();
  else if (altKey && !ctrlKey && !metaKey && (key === "ArrowUp" || key === "ArrowDown"))
    step(key === "ArrowUp" ? -1 : 1);
  else if (key === "Escape" && isPlain && place.value.at !== "list") goUp();
  else return;
  event.preventDefault();
}

/** On a phone the list has to be there first. */
function search(): void {
  if (!document.getElementById("search")) go({ at: "list" });
  requestAnimationFrame(() => document.getElementById("search")?.focus());
}

function step(by: 1 | -1): void {
  const ids = client.conversations.state.value.items
    .filter(({ conversation }) => !conversation.me.archived)
    .map(({ conversation }) => conversation.id);
  const here = place.value;
  const id = neighbour(ids, here.at === "conversation" ? here.id : undefined, by);
  if (id !== undefined) go({ at: "conversation", id });
}
