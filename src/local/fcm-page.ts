import { safe } from "./html.ts";

/** What the page shows of a push. */
export interface ShownPush {
  message: { token: string; notification?: { title?: string | undefined; body?: string | undefined } | undefined };
  received_at: string;
}

/** The pushes given, in that order, as one page without script. */
export function fcmPage(pushes: ShownPush[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>PingMe pushes</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
  article { border: 1px solid #ccc; border-radius: .5rem; padding: 0 1rem; margin: 1rem 0; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; }
  small { color: #666; overflow-wrap: anywhere; }
</style>
<h1>Pushes</h1>
<p>${pushes.length ? "Newest first. Reload to see more." : "Nothing was pushed yet."}</p>
${pushes.map(article).join("\n")}
</html>
`;
}

function article({ message, received_at }: ShownPush): string {
  const { title = "(silent)", body = "" } = message.notification ?? {};
  const { token, ...rest } = message;
  const whole = safe(JSON.stringify(rest, null, 2));
  return `<article><h2>${safe(title)}</h2><p>${safe(body)}</p><small>to ${safe(token)}, ${safe(received_at)}</small><pre>${whole}</pre></article>`;
}
