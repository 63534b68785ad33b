/** @param sequence where to open it; left out: at what is unread */
export function ConversationPane({ id }: { id: string; sequence?: number }) {
  return <main class="pane conversation">{id}</main>;
}
