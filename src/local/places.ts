import { join } from "node:path";

/** Of this project, by absolute path: commands may be run from anywhere. */
export const root = join(import.meta.dirname, "../..");
export const places = {
  assets: join(root, "dist/assets"),
  asyncapi: join(root, "asyncapi.yml"),
  migrations: join(root, "migrations"),
  wranglerToml: join(root, "wrangler.toml"),
};
