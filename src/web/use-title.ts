import { useEffect } from "preact/hooks";
import { client } from "./client.ts";
import { useValue } from "./ui/hooks.ts";
import { titleWith, unreadOf } from "./unread.ts";

/** The window's title says how much is unread. */
export function useTitle(): void {
  const { items } = useValue(client.conversations.state);
  const title = titleWith(unreadOf(items, Date.now()));
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = titleWith(0);
    };
  }, [title]);
}
