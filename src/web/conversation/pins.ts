/** What is pinned in the conversation that is open, the newest first. */
import { useEffect, useState } from "preact/hooks";
import type { Pin } from "../../protocol/messages.ts";
import { client } from "../client.ts";

export function usePins(id: string): readonly Pin[] {
  const [pins, setPins] = useState<readonly Pin[]>([]);
  useEffect(() => {
    const load = () => {
      client.call("GET /conversations/{id}/pins", { path: { id } }).then(
        ({ items }) => setPins(items),
        () => undefined, // the bar is only to be convenient
      );
    };
    load();
    return hearChanges(id, load);
  }, [id]);
  return pins;
}

function hearChanges(id: string, changed: () => void): () => void {
  const hear = (frame: { conversation_id: string }) => frame.conversation_id === id && changed();
  const ends = [client.on("pin", hear), client.on("message_delete", hear)];
  return () => {
    for (const end of ends) end();
  };
}
