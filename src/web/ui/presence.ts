import { useEffect } from "preact/hooks";
import { client } from "../client.ts";
import { useValue } from "./hooks.ts";

/** Who is there and was last seen when, of some people: they are watched for as long as they are shown. */
export function usePresence(ids: readonly string[]) {
  useEffect(() => client.presence.watch(ids), [[...ids].sort().join()]);
  return useValue(client.presence.state);
}
