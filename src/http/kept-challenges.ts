/** Where challenges are kept, in Redis alone. Who changes one changes what they saw, or reads it anew. */
import { connect } from "../connect.ts";
import { codeHash } from "../core/codes.ts";
import { keyedHashText } from "../core/secrets.ts";
import { type Challenge, type CodeAnswer, challenge as challengeSchema } from "../protocol/auth.ts";
import { Fault } from "../protocol/errors.ts";
import type { AppContext } from "./context.ts";

/** Who reads the cache cannot answer what they find there. */
function placeOf(c: AppContext, challengeId: string): string {
  return `challenge:${keyedHashText(connect(c.env).config.CODE_KEY, "challenge", challengeId)}`;
}

export function hashOf(c: AppContext, { challenge, code }: CodeAnswer): string {
  return codeHash(connect(c.env).config.CODE_KEY, challenge, code);
}

/** A challenge, and the text it is known by. */
export interface Kept {
  id: string;
  text: string;
  challenge: Challenge;
}

export const gone = () => new Fault("GONE", "The code has expired, was used, or was tried too often: start again");

/** @throws Fault GONE */
export async function read(c: AppContext, id: string): Promise<Kept> {
  const text = await connect(c.env).cache.read(placeOf(c, id));
  if (text === undefined) throw gone();
  // One that an older version kept in another form has ended.
  const kept = challengeSchema.safeParse(JSON.parse(text));
  if (!kept.success) throw gone();
  return { id, text, challenge: kept.data };
}

/** Puts `next` in the place of what was seen, or takes it away. @returns false where it is not that any more */
export async function swap(c: AppContext, seen: Kept, next: Challenge | undefined): Promise<boolean> {
  const replacement = next && { value: JSON.stringify(next), lifeMs: next.expires_at - Date.now() };
  return await connect(c.env).cache.swap(placeOf(c, seen.id), seen.text, replacement);
}

/** Keeps it for the rest of its life. */
export async function keep(c: AppContext, { id, challenge }: Omit<Kept, "text">): Promise<void> {
  const lifeMs = challenge.expires_at - Date.now();
  if (lifeMs > 0) await connect(c.env).cache.put(placeOf(c, id), JSON.stringify(challenge), lifeMs);
}
