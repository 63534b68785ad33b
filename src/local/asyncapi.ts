import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { asyncApi } from "../protocol/asyncapi.ts";
import { places, root } from "./places.ts";

/** The specification of the sockets, as `asyncapi.yml` has to hold it. */
export function asyncApiText(): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const head = "# Made from the schemas in src/protocol by `npm run asyncapi`; a test holds the two together.\n";
  return head + stringify(asyncApi(version), { lineWidth: 120, aliasDuplicateObjects: false });
}

/** `npm run asyncapi`: writes it. */
if (import.meta.main) writeFileSync(places.asyncapi, asyncApiText());
