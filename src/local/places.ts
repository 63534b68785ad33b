import { join } from "node:path";

/** Of this project, by absolute path: commands may be run from anywhere. */
export const root = join(import.meta.dirname, "../..");
export const places = {
  assets: join(root, "dist/assets"),
  asyncapi: join(root, "asyncapi.yml"),
  /** The SDK as others import it. */
  client: join(root, "dist/client"),
  /** The web client, as files. */
  web: join(root, "dist/assets/web"),
  migrations: join(root, "migrations"),
  wranglerToml: join(root, "wrangler.toml"),
};
