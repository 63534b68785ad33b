import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { layOutAssets } from "./src/local/assets.ts";

// The Worker's configuration names the folder; it must be there before the pool reads it.
await layOutAssets();

const inWorkerd = ["protocol", "core", "db", "services", "objects", "http"];
const onNode = ["local", "journeys", "client", "web", "browser"];

/** Two places to run: inside workerd, beside real bindings and objects; and plain Node, for what runs on Node or from outside. */
// biome-ignore lint/style/noDefaultExport: Vitest reads the default export.
export default defineConfig({
  test: {
    globalSetup: ["test/support/backends.ts", "test/support/smtp.setup.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 5_000, interval: 20 } },
    // One runtime at a time: on two cores a second one only makes both wait.
    maxWorkers: 1,
    fileParallelism: false,
    isolate: false,
    coverage: { provider: "istanbul", include: ["src/**"], exclude: ["src/local/**"] },
    projects: [
      {
        extends: true,
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: inject("variables") },
          })),
        ],
        test: { name: "worker", include: inWorkerd.map((folder) => `test/${folder}/**/*.test.ts`) },
      },
      {
        extends: true,
        test: {
          name: "node",
          // Browsers are slow to look where the machine is busy; what is quick does not wait for it.
          testTimeout: 60_000,
          expect: { poll: { timeout: 15_000, interval: 20 } },
          include: ["test/architecture.test.ts", ...onNode.map((folder) => `test/${folder}/**/*.test.ts`)],
        },
      },
    ],
  },
});
