/** The pages that show the two specifications, each by a viewer whose files are copied from its package. */

import { readFileSync } from "node:fs";
import { places } from "./places.ts";

interface DocPage {
  title: string;
  /** The package, and which of its files the page needs, by path within it. */
  viewer: string;
  files: string[];
  /** A file of its own: the page's Content-Security-Policy allows no inline script. */
  start: string;
}

/** By the address of the page, under which its files are, too. */
export const docPages: Record<string, DocPage> = {
  "/docs": {
    title: "PingMe API",
    viewer: "swagger-ui-dist",
    files: ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"],
    start: `window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`,
  },
  "/redoc": {
    title: "PingMe API reference",
    viewer: "redoc",
    files: ["bundles/redoc.standalone.js"],
    start: `Redoc.init(
  "/openapi.json",
  {
    theme: {
      typography: { fontFamily: "ui-sans-serif, system-ui, sans-serif", headings: { fontFamily: "inherit" } },
    },
  },
  document.getElementById("docs"),
);
`,
  },
  "/docs/ws": {
    title: "PingMe sockets",
    viewer: "@asyncapi/react-component",
    files: ["browser/standalone/index.js", "styles/default.min.css"],
    // The document is in a script: what stands in a sandbox, as this page does, is a stranger to /asyncapi.yml.
    start: `AsyncApiStandalone.render(
  { schema: ${JSON.stringify(readFileSync(places.asyncapi, "utf8"))}, config: { show: { sidebar: true } } },
  document.getElementById("docs"),
);
`,
  },
};

/** @param address of the page */
export function pageText(address: string, { title, files }: DocPage): string {
  const names = files.map((file) => `${address}/${file.split("/").at(-1)}`);
  const styles = names.filter((name) => name.endsWith(".css"));
  const scripts = [...names.filter((name) => name.endsWith(".js")), `${address}/start.js`];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="icon" href="/docs/favicon-32x32.png">
${styles.map((name) => `<link rel="stylesheet" href="${name}">\n`).join("")}<style>body { margin: 0; }</style>
<div id="docs"></div>
${scripts.map((name) => `<script src="${name}"></script>`).join("\n")}
</html>
`;
}
