/** Whom a Google account signs in: who is connected to it, else who has its address, else somebody new. */
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { nameFrom } from "../core/names.ts";
import { insertGoogleUser, linkGoogle, userIdOfGoogle } from "../db/google.ts";
import type { GoogleAccount } from "../services/google.ts";
import type { AppContext } from "./context.ts";
import { sendNotice } from "./letters.ts";

/** Undefined where somebody else's callback was faster, or the address belongs to another Google account. */
async function findOrMake(c: AppContext, { sub, email, name }: GoogleAccount): Promise<string | undefined> {
  const { db } = connect(c.env);
  const known = await userIdOfGoogle(db, sub);
  if (known !== undefined) return known;
  const now = Date.now();
  const linked = await linkGoogle(db, { email, sub, now });
  if (linked) {
    sendNotice(c, "google_linked", { email, settings: linked.settings });
    return linked.id;
  }
  const made = { id: newId(now), google_sub: sub, email, name: nameFrom(name, email), created_at: new Date(now) };
  return (await insertGoogleUser(db, made)) ? made.id : undefined;
}

/**
 * @param account with an address Google has verified; ours always are
 * @returns the user's id; undefined where the address belongs to an account that is connected to another Google account
 */
export async function userOfGoogle(c: AppContext, account: GoogleAccount): Promise<string | undefined> {
  // Who was faster has left what the second look finds.
  return (await findOrMake(c, account)) ?? (await findOrMake(c, account));
}
