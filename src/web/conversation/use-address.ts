import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { client } from "../client.ts";
import { usePart } from "../ui/hooks.ts";
import type { ShownFile } from "./files.ts";

export interface FileAddress {
  url: string | undefined;
  isAway: boolean;
  /** It did not load from there: a signed address lives some minutes, so once it is asked for anew. */
  failed(): void;
}

/** Where a file is to be had: asked for when it comes near. */
export function useAddress(
  { local, media }: Pick<ShownFile, "local" | "media">,
  near: RefObject<Element | null>,
): FileAddress {
  const [url, setUrl] = useState(local);
  const [isAway, setAway] = useState(false);
  const tries = useRef(0);
  const isNear = useNear(near, url === undefined);
  const state = usePart(client.connection, (connection) => connection.state);
  useEffect(() => {
    if (state !== "open") return;
    tries.current = 0;
    setAway(false); // it may only have been the line
  }, [state]);
  useEffect(() => {
    if (url || !isNear || !media || isAway) return;
    let isWanted = true;
    client.mediaUrl(media.id).then(
      (signed) => isWanted && setUrl(signed),
      () => isWanted && setAway(true),
    );
    return () => {
      isWanted = false;
    };
  }, [isNear, url, isAway]);
  const failed = () => {
    tries.current += 1;
    if (tries.current > 1) setAway(true);
    setUrl(undefined);
  };
  return { url, isAway, failed };
}

/** Whether an element has come as near as a screen; once it has, it stays so. */
function useNear(ref: RefObject<Element | null>, isAsked: boolean): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (isNear || !isAsked || !ref.current) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setNear(true),
      { rootMargin: "800px 0px" },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [isNear, isAsked]);
  return isNear;
}
