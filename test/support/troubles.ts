/** What must not happen at a browser, whatever is tested there: an error, a word against the page's policy, a server's failure. */
import type { BrowserContext, ConsoleMessage } from "playwright-core";
import { expect } from "vitest";

/** All that has happened there so far, in words. */
export async function troublesOf(context: BrowserContext): Promise<string[]> {
  const troubles: string[] = [];
  context.on("weberror", (thrown) => troubles.push(`thrown: ${thrown.error().stack ?? thrown.error().message}`));
  context.on("console", (message) => {
    if (message.type() === "error" && !isOfNetwork(message)) troubles.push(`console: ${message.text()}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 500) troubles.push(`${response.status()} from ${response.url()}`);
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      // biome-ignore lint/suspicious/noConsole: in the page, whose console is read above.
      console.error(`against the policy: ${violatedDirective} ${blockedURI}`),
    );
  });
  return troubles;
}

export function expectNoTrouble(troubles: string[]): void {
  expect(troubles).toEqual([]);
}

/** Chromium itself notes each request that failed or was refused: being offline and not being signed in are no errors. */
const isOfNetwork = (message: ConsoleMessage) =>
  /^(Failed to load resource: |WebSocket connection to )/.test(message.text());
