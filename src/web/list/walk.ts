/** Arrows go through the search field and what stands below it; Esc ends the search, and is at the field again. */
export function walk(event: KeyboardEvent, pane: HTMLElement | null, clear: () => void): void {
  if (event.defaultPrevented || !(event.target instanceof HTMLElement) || event.target.closest("dialog, .menu")) return;
  const field = pane?.querySelector<HTMLInputElement>("#search");
  if (event.key === "Escape" && field?.value) {
    clear();
    field.focus();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !event.altKey) {
    if (!step(stopsOf(pane), event.target, event.key === "ArrowDown" ? 1 : -1)) return;
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

const stopsOf = (pane: HTMLElement | null): HTMLElement[] => [
  ...(pane?.querySelectorAll<HTMLElement>(
    "#search, button.result, .result > .button, .list-body:not([hidden]) .row > a",
  ) ?? []),
];

/** @returns whether there was somewhere to go from there */
function step(stops: HTMLElement[], from: HTMLElement, by: number): boolean {
  const at = stops.findIndex((stop) => stop.contains(from));
  const next = at < 0 ? undefined : stops[at + by];
  next?.focus();
  return next !== undefined;
}
