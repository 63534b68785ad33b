import { useEffect } from "preact/hooks";
import { client } from "./client.ts";
import { go, goUp, place } from "./navigation.ts";
import { neighbour } from "./neighbour.ts";

/** Keys that work everywhere but over a dialog or a menu: search, the conversation above or below, back. */
export function useShortcuts(): void {
  useEffect(() => {
    // Before the field one types in: with these held down, arrows and letters are not its own.
    addEventListener("keydown", onChord, true);
    addEventListener("keydown", onEscape);
    return () => {
      removeEventListener("keydown", onChord, true);
      removeEventListener("keydown", onEscape);
    };
  }, []);
}

const isCovered = () => document.querySelector("dialog[open], [role=menu]") !== null;

function onChord(event: KeyboardEvent): void {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey } = event;
  const isCommand = ctrlKey || metaKey;
  if (event.isComposing || shiftKey || isCommand === altKey || isCovered()) return;
  if (isCommand && code === "KeyK") search();
  else if (altKey && key === "ArrowUp") step(-1);
  else if (altKey && key === "ArrowDown") step(1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** After all others: who has something of their own to leave says so. */
function onEscape(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || isCovered()) return;
  const { activeElement } = document;
  if (activeElement instanceof HTMLElement && activeElement.id === "search") activeElement.blur();
  else if (place.value.at !== "list") goUp();
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
