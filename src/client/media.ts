/** Addresses of files. */
import type { Client } from "./api.ts";
import type { Call } from "./rest.ts";

interface Link {
  url: Promise<string>;
  /** ms since 1970; for ever while it is on its way. */
  until: number;
}

/** A signed address lives five minutes; by the server's clock, so how long it has been here is what counts. */
const goodMs = 4 * 60_000;

export function createMedia({ url, call }: { url: string; call: Call }): Pick<Client, "address" | "mediaUrl"> {
  const links = new Map<string, Link>();

  function begin(id: string): Link {
    const url = call("GET /media/{id}", { path: { id } }).then((signed) => {
      link.until = Date.now() + goodMs;
      return signed.url;
    });
    const link: Link = { url, until: Number.POSITIVE_INFINITY };
    url.catch(() => links.delete(id));
    links.set(id, link);
    return link;
  }

  return {
    address: (path) => (/^[a-z]+:/i.test(path) ? path : url + path),
    mediaUrl(id) {
      const known = links.get(id);
      return (known && Date.now() < known.until ? known : begin(id)).url;
    },
  };
}
