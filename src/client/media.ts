/** Addresses of files. */
import type { Client } from "./api.ts";
import type { Call } from "./rest.ts";

interface Link {
  url: Promise<string>;
  /** ms since 1970; for ever while it is on its way. */
  until: number;
}

/** A signed address lives five minutes by the server's clock; this device's may be wrong. */
const goodMs = 4 * 60_000;
const marginMs = 30_000;

export function createMedia({ url, call }: { url: string; call: Call }): Pick<Client, "address" | "mediaUrl"> {
  const links = new Map<string, Link>();

  async function sign(id: string, link: Link): Promise<string> {
    try {
      const { url, expires_at } = await call("GET /media/{id}", { path: { id } });
      link.until = Math.min(Date.parse(expires_at) - marginMs, Date.now() + goodMs);
      return url;
    } catch (error) {
      link.until = 0;
      throw error;
    }
  }

  function begin(id: string): Link {
    const link: Link = { url: Promise.resolve(""), until: Number.POSITIVE_INFINITY };
    link.url = sign(id, link);
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
