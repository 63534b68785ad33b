import { Log, LogLevel, type MiniflareOptions } from "miniflare";
import { runMiniflare } from "./miniflare.ts";
import { s3Bucket } from "./s3-place.ts";
import { type Backend, loopback } from "./server.ts";

interface Options {
  port: number;
  /** Where the objects are kept. */
  folder: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/**
 * Stands in for S3: the S3 side of Miniflare's R2, in a workerd of its own, since `npm run dev` and tests run the Worker
 * elsewhere. It checks signatures as R2 does, and lets pages of this machine call it (CORS). It ignores
 * `response-content-disposition`, knows the path style only, and shows each object also without a signature, below
 * `/cdn-cgi/local/r2/public/`: to whoever knows its key, on this machine.
 */
export async function startS3(options: Options): Promise<Backend> {
  const { miniflare, close } = await runMiniflare({ options: optionsFor(options), port: options.port, purpose: "S3" });
  return { port: Number((await miniflare.ready).port), close };
}

function optionsFor({ port, folder, credentials }: Options): MiniflareOptions {
  // Nobody gets here: Miniflare answers below its own path before.
  const contents = "export default { fetch: () => new Response(null, { status: 404 }) };";
  return {
    host: loopback,
    port,
    cf: false,
    enableDevRegistry: false,
    logRequests: false,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: () => {},
    resourcePersistencePath: folder,
    workers: [
      {
        config: {
          name: "s3",
          compatibilityDate: "2026-08-04",
          manifest: { mainModule: "s3.js", modulesRoot: "/", modules: { "s3.js": { type: "esm", contents } } },
          env: { BUCKET: { type: "r2", name: s3Bucket, dev: { experimentalS3Credentials: credentials } } },
        },
      },
    ],
  };
}
