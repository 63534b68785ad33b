import { safe } from "./html.ts";

export interface ShownAccount {
  email: string;
  name: string;
}

/** Where one chooses who to be. Its forms come back to the address they are at. Without script. */
export function googlePage(accounts: ShownAccount[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Embedded Google</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 2rem auto; padding: 0 1rem; }
  form { margin: 1rem 0; }
  label { display: block; margin: .75rem 0; }
  input { display: block; box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; }
  button { font: inherit; padding: .5rem 1rem; }
  .account button { width: 100%; text-align: left; overflow-wrap: anywhere; }
  small { color: #666; }
</style>
<h1>Embedded Google</h1>
<p>It stands in for the real one on this machine, and lets you be anybody.</p>
${accounts.map(choice).join("\n")}
<form method="post">
  <label>E-mail <input name="email" type="email" required autocomplete="off"></label>
  <label>Name <input name="name" maxlength="200" autocomplete="off"></label>
  <button>Use this account</button>
</form>
<form method="post"><input type="hidden" name="cancel" value="yes"><button>Cancel</button></form>
</html>
`;
}

function choice({ email, name }: ShownAccount): string {
  const hidden = `<input type="hidden" name="email" value="${safe(email)}">`;
  return `<form method="post" class="account">${hidden}<button>${safe(name)}<br><small>${safe(email)}</small></button></form>`;
}
