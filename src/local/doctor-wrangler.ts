import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { readWranglerToml } from "./build.ts";
import type { Look } from "./doctor-look.ts";
import { secretNames } from "./doctor-settings.ts";
import { places } from "./places.ts";

const settings = z.object({
  name: z.string().optional(),
  main: z.string().optional(),
  durable_objects: z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) }),
  migrations: z.array(z.object({ new_sqlite_classes: z.array(z.string()).optional() })),
  assets: z.object({ binding: z.string().optional() }).optional(),
  triggers: z.object({ crons: z.array(z.string()).optional() }),
  vars: z.record(z.string(), z.unknown()),
});

const objects = { CONVERSATIONS: "ConversationObject", USERS: "UserObject" };

export function wranglerLook(file = places.wranglerToml): Look {
  return async (tell) => {
    const folder = mkdtempSync(join(tmpdir(), "pingme-doctor-"));
    const names = Object.keys(settings.shape);
    const text = await readWranglerToml({ file, folder, names }).finally(() =>
      rmSync(folder, { recursive: true, force: true }),
    );
    const { name, durable_objects, migrations, assets, triggers, vars } = settings.parse(JSON.parse(text));
    const made = migrations.flatMap((migration) => migration.new_sqlite_classes ?? []);
    const wrong: string[] = [];
    if (!name) wrong.push("has no name");
    for (const [binding, className] of Object.entries(objects)) {
      if (!durable_objects.bindings.some((one) => one.name === binding && one.class_name === className))
        wrong.push(`does not bind ${binding} to ${className}`);
      if (!made.includes(className)) wrong.push(`has no migration with ${className} among new_sqlite_classes`);
    }
    if (assets?.binding !== "ASSETS") wrong.push("does not bind the files of the web client as ASSETS");
    if (!triggers.crons?.length) wrong.push("has no cron: what was deleted would never be erased");
    for (const secret of secretNames.filter((one) => one in vars))
      wrong.push(`holds ${secret} in clear: use wrangler secret bulk`);
    for (const what of wrong) tell.wrong(`wrangler.toml ${what}`);
    if (wrong.length === 0) tell.fine(`the Worker ${name}, its objects, files and hourly work`);
  };
}
