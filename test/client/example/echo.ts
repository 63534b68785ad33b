/** A bot that says back what it hears. It signs in once, with a mailed code, and is still signed in when it starts again. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { createClient, type KeyStore } from "pingme/client";

const { PINGME_URL = "http://127.0.0.1:8787", EMAIL = "", PASSWORD = "" } = process.env;

const file = "keys.json";
const keys: Record<string, string | undefined> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const session: KeyStore = {
  get: (key) => keys[key],
  set(key, value) {
    keys[key] = value;
    writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  },
};

const client = createClient({ url: PINGME_URL, session });
if ((await client.session.restore()).status !== "signed-in") {
  const challenge = await client.session.login({ email: EMAIL, password: PASSWORD });
  const terminal = createInterface({ input: process.stdin });
  if (challenge) await client.session.verifyLogin({ ...challenge, code: await terminal.question("") });
  terminal.close();
}

const me = await client.call("GET /users/me");
client.on("message", async ({ conversation_id, content, sender_id, id }) => {
  if (sender_id === me.id) return;
  await client.conversation(conversation_id).send({ content: `You said: ${content}`, reply_to: id });
});
client.connection.subscribe(({ state }) => process.stdout.write(`${me.name} is ${state}\n`));
client.connect();
