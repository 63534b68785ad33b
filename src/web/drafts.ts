/** What is typed and not said yet, by conversation: kept in this browser, heard of by its other tabs. */
import { cell, type Observable } from "../client/observable.ts";
import { client } from "./client.ts";
import { forget, remember, remembered } from "./memory.ts";

const changes = cell(0);

/** Another value whenever some draft is another. */
export const drafts: Observable<number> = changes;

/** Empty where there is none. */
export const draft = (conversationId: string): string => remembered(`draft.${conversationId}`) ?? "";

export function setDraft(conversationId: string, text: string): void {
  if (text === draft(conversationId)) return;
  remember(`draft.${conversationId}`, text.trim() === "" ? undefined : text);
  changes.set(changes.value + 1);
}

const owner = "drafts-of";

/** However a session ends, and whoever comes next: what was typed is nobody else's to read. */
client.session.state.subscribe((state) => {
  if (state.status === "unknown") return;
  const userId = state.status === "signed-in" ? state.user.id : undefined;
  if (userId !== undefined && remembered(owner) === userId) return;
  forget("draft.");
  remember(owner, userId);
  changes.set(changes.value + 1);
});

addEventListener("storage", () => changes.set(changes.value + 1));
