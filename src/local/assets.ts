import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { places } from "./places.ts";

/** From `swagger-ui-dist`; served from our own origin, so that the docs need no other one. */
const copied = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>PingMe API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`;

// A file of its own: the page's Content-Security-Policy allows no inline script.
const script = `window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

/** Lays out `dist/assets`, what the Worker serves as files: the page at `/docs`, and `asyncapi.yml`. */
export function layOutAssets(folder = places.assets): void {
  const source = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  const docs = join(folder, "docs");
  mkdirSync(docs, { recursive: true });
  for (const name of copied) writeIfOther(join(docs, name), readFileSync(join(source, name)));
  writeIfOther(join(folder, "asyncapi.yml"), readFileSync(places.asyncapi));
  writeIfOther(join(docs, "index.html"), Buffer.from(page));
  writeIfOther(join(docs, "start.js"), Buffer.from(script));
}

/** A server that is running may be reading the file: it is left alone when it is the same. */
function writeIfOther(file: string, content: Buffer): void {
  if (!existsSync(file) || !readFileSync(file).equals(content)) writeFileSync(file, content);
}

if (import.meta.main) layOutAssets();
