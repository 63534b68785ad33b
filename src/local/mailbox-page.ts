import { safe } from "./html.ts";

/** What the page shows of a mail. */
export interface ShownMail {
  to: string;
  subject: string;
  text: string;
  received_at: string;
}

/** The mails given, in that order, as one page without script. */
export function mailboxPage(mails: ShownMail[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>PingMe mailbox</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
  article { border: 1px solid #ccc; border-radius: .5rem; padding: 0 1rem; margin: 1rem 0; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
  small { color: #666; }
</style>
<h1>Mailbox</h1>
<p>${mails.length ? "Newest first. Reload to see more." : "No mail yet."}</p>
${mails.map(article).join("\n")}
</html>
`;
}

function article({ to, subject, text, received_at }: ShownMail): string {
  return `<article><h2>${safe(subject)}</h2><small>to ${safe(to)}, ${safe(received_at)}</small><pre>${safe(text)}</pre></article>`;
}
