/** A bot that says back what it hears: sign in once with a mailed code, and from then on as a trusted device. */
import { createInterface } from "node:readline/promises";
import { createClient, PingMeError } from "pingme/client";

const { PINGME_URL = "http://127.0.0.1:8787", EMAIL = "", PASSWORD = "" } = process.env;
const client = createClient({ url: PINGME_URL });

const challenge = await client.session.login({ email: EMAIL, password: PASSWORD });
if (challenge) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const code = await terminal.question("The code from the mail: ");
  terminal.close();
  await client.session.verifyLogin({ challenge: challenge.challenge, code });
}
const me = await client.call("GET /users/me");

client.on("message", async ({ conversation_id, content, sender_id, id }) => {
  if (sender_id === me.id) return;
  await client.conversation(conversation_id).send({ content: `You said: ${content}`, reply_to: id });
});
client.connection.subscribe(({ state }) => process.stdout.write(`${me.name} is ${state}\n`));
client.connect();

try {
  await client.call("GET /users/{id}", { path: { id: "00000000-0000-7000-8000-000000000000" } });
} catch (error) {
  if (!(error instanceof PingMeError) || error.code !== "USER_NOT_FOUND") throw error;
}
