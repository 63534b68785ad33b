/** What one changes of one's own account. */
import { z } from "zod";
import { challengeId, code, email, newPassword, shownPassword } from "./auth.ts";

export const passwordChange = z.object({
  /** Not needed by who has none yet: an account that was opened with Google. */
  old_password: shownPassword.optional(),
  password: newPassword,
});

export const emailChange = z.object({ email, password: shownPassword });

/** With the password, else with a code. */
export const deletion = z
  .object({
    password: shownPassword.optional(),
    challenge: challengeId.optional(),
    code: code.optional(),
    /** Erases the messages, too; else they stay as from a deleted user. */
    erase: z.boolean().default(false),
  })
  .transform(({ password, challenge, code, erase }, context) => {
    if (password !== undefined) return { password, erase };
    if (challenge !== undefined && code !== undefined) return { challenge, code, erase };
    const message = "needs the password, or a challenge and its code";
    context.addIssue({ code: "custom", path: ["password"], message });
    return z.NEVER;
  });
export type Deletion = z.output<typeof deletion>;

/** The account is gone for everybody at once; its traces follow, conversation by conversation. */
export const deletionBegun = z.object({ done: z.literal(false) });
