import { z } from "zod";
import { id, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { me, userName } from "./users.ts";

// ASCII only, so that lower case means one thing and no header can be written into.
const localPart = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*";
const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const mailbox = new RegExp(`^(?=[^@]{1,64}@)${localPart}@(?:${label}\\.)+(?!\\d+$)${label}$`, "i");

/** An address of mail as it is compared: trimmed, in lower case. */
export const email = z
  .string()
  .trim()
  .max(limits.emailLength, `must be at most ${limits.emailLength} characters`)
  .regex(mailbox, "must be an e-mail address")
  .toLowerCase();

const unreadable = /[\p{Cc}\p{Cs}]/u;

/** A password somebody chooses. Whether it is a common one is for `core/passwords.ts` to say. */
export const newPassword = z
  .string()
  .max(2 * limits.passwordCodePoints, `must be at most ${limits.passwordCodePoints} characters`)
  .refine((text) => !unreadable.test(text), { error: "must not hold control characters", abort: true })
  .refine((text) => [...text].length >= limits.passwordLeastCodePoints, {
    error: `must be at least ${limits.passwordLeastCodePoints} characters`,
  })
  .refine((text) => [...text].length <= limits.passwordCodePoints, {
    error: `must be at most ${limits.passwordCodePoints} characters`,
  });

/** A password somebody shows: judged by its hash alone. */
export const shownPassword = z
  .string()
  .min(1, "must not be empty")
  .max(2 * limits.passwordCodePoints, "is too long");

export const challengeId = z.string().min(1, "must not be empty").max(128, "is not a challenge");

const digits = (count: number) =>
  z
    .string()
    .trim()
    .regex(new RegExp(`^\\d{${count}}$`), `must be ${count} digits`);
export const code = digits(limits.codeDigits);

export const registration = z.object({ email, password: newPassword, name: userName });
export const login = z.object({
  email,
  password: shownPassword,
  device_token: z
    .string()
    .max(512, "is too long")
    .optional()
    .describe("Of a trusted device of this account: no code is asked for. Any other is as none"),
});
export const codeAnswer = z.object({ challenge: challengeId, code });
export type CodeAnswer = z.infer<typeof codeAnswer>;
export const signInCode = codeAnswer.extend({
  trust_device: z.boolean().default(false).describe("Answers a `device_token`: later logins from here need no code"),
});
export const resending = z.object({ challenge: challengeId });
export const resetQuestion = z.object({ email });
export const resetAnswer = z.object({
  challenge: challengeId,
  code: digits(limits.resetCodeDigits),
  password: newPassword,
});
const refreshToken = z.string().min(1, "must not be empty").max(512, "is too long");
export const refreshing = z.object({
  refresh_token: refreshToken.optional().describe("Needed, but with `X-Session: cookie`, where the cookie has it"),
});
export const tokenQuestion = z.object({ token: z.string().min(1, "must not be empty").max(8_192, "is too long") });

/** A code is on its way; it is answered under this challenge. */
export const pendingCode = z.object({ challenge: z.string(), expires_at: time });
export type PendingCode = z.infer<typeof pendingCode>;

export const tokens = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  /** Seconds. */
  expires_in: z.int(),
  refresh_token: z.string().optional().describe("Not there with `X-Session: cookie`: the cookie has it"),
  refresh_expires_in: z.int(),
});
export type TokenPair = z.infer<typeof tokens>;

export const signedInAnswer = z.object({ user: me, tokens });
export const trustingAnswer = signedInAnswer.extend({
  device_token: z.string().optional().describe("Shown once, where `trust_device` was asked for"),
});
export const refreshed = z.object({ tokens });
export const tokenState = z.object({ active: z.boolean(), user_id: id.optional(), expires_at: time.optional() });

export const session = z.object({
  id,
  device: z.string().describe("What the client said it is"),
  country: z.string().optional(),
  created_at: time,
  last_used_at: time,
  current: z.boolean().describe("Whether it is the one that asks"),
});
export type Session = z.infer<typeof session>;

export const device = z.object({ id, name: z.string(), trusted_at: time, last_used_at: time });
export type Device = z.infer<typeof device>;

/** Whose sessions are ended: all of one's own, or all but the present one. */
export const ending = z.object({ except: z.literal("current").optional() });

/** How a client keeps its session: `cookie` is for browsers. Any other value is as none. */
export const sessionHeader = z.object({
  "x-session": z
    .string()
    .optional()
    .describe(
      "`cookie`: the refresh token travels only in a cookie that scripts cannot read. Any other value is as none",
    ),
});

/**
 * What a code finishes. Where no code can be right (an address that is taken, or that nobody has) all looks the same from
 * outside. `mark` stands for the password of then: a flow that was opened with one does not outlive it.
 */
const flow = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("register"), email: z.string(), name: z.string(), password_hash: z.string() }),
  /** With a user: an address somebody wanted to move to. */
  z.object({ kind: z.literal("taken"), email: z.string(), user_id: z.string().optional() }),
  z.object({ kind: z.literal("login"), email: z.string(), user_id: z.string(), mark: z.string() }),
  z.object({ kind: z.literal("reset"), email: z.string(), user_id: z.string().nullable(), mark: z.string() }),
  z.object({ kind: z.literal("email"), email: z.string(), user_id: z.string(), mark: z.string() }),
  z.object({ kind: z.literal("delete"), email: z.string(), user_id: z.string() }),
]);
export type Flow = z.infer<typeof flow>;

/** A challenge as it is kept; times in ms since 1970. */
export const challenge = z.object({
  flow,
  /** Of its letters, as it was when it was opened. */
  language: z.enum(["en", "ru"]),
  /** Keyed, over the challenge's id and the code. */
  code_hash: z.string(),
  /** Whether its letter left. If not, no code is right, and none is ever sent. */
  is_mailed: z.boolean(),
  tries: z.int(),
  resends: z.int(),
  sent_at: z.int(),
  expires_at: z.int(),
});
export type Challenge = z.infer<typeof challenge>;
