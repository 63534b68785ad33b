import { describe, expect, test } from "vitest";
import { type Account, call, get, newAccount, post } from "../support/accounts.ts";
import { whilePostgres } from "../support/weather.ts";

const everything = "";
const away = <T>(run: () => Promise<T>) => whilePostgres(everything, () => "away", run);
const as = ({ tokens }: Account) => ({ token: tokens.access_token });

async function group(owner: Account, ...others: Account[]): Promise<string> {
  const participant_ids = others.map(({ user }) => user.id);
  const { body } = await post("/conversations", { title: "Lunch", participant_ids }, as(owner));
  return `/conversations/${body.id}`;
}

describe("while Postgres is away", () => {
  test("a role is given and answered, or neither", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const path = await group(ann, bob);
    const member = `${path}/members/${bob.user.id}`;
    const refused = await away(() => call("PATCH", member, { body: { role: "ADMIN" }, ...as(ann) }));
    expect([refused.status, refused.body.code]).toEqual([503, "UNAVAILABLE"]);
    expect((await get(path, as(ann))).body.sequence).toBe(0);
    await get(`/users/${bob.user.id}`, as(ann)); // now their name is known without it
    const given = await away(() => call("PATCH", member, { body: { role: "ADMIN" }, ...as(ann) }));
    expect([given.status, given.body.role]).toEqual([200, "ADMIN"]);
  });

  test("what is done is answered with what is here: a dialog's without its other one", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const { body } = await post("/conversations", { participant_ids: [bob.user.id] }, as(ann));
    const path = `/conversations/${body.id}`;
    const pinned = await away(() => call("PATCH", `${path}/me`, { body: { pinned: true }, ...as(bob) }));
    expect([pinned.status, pinned.body.me.pinned]).toEqual([200, true]);
    const lunch = await group(ann);
    const named = await away(() => call("PATCH", lunch, { body: { title: "Else" }, ...as(ann) }));
    expect([named.status, named.body.title]).toEqual([200, "Else"]);
  });

  test("nobody is added, and nothing says they were", async () => {
    const [ann, bob] = [await newAccount("Ann"), await newAccount("Bob")];
    const path = await group(ann);
    const added = await away(() => post(`${path}/members`, { user_ids: [bob.user.id] }, as(ann)));
    expect(added.status).toBe(503);
    expect((await get(path, as(ann))).body).toMatchObject({ member_count: 1, sequence: 0 });
  });
});
