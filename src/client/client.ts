import type { Client, ClientOptions } from "./api.ts";

export function createClient({ url }: ClientOptions): Client {
  throw new Error(`Nothing to talk to ${url} with`);
}
