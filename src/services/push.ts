/** Push by Firebase Cloud Messaging, HTTP v1. What becomes of a message is a value: who sends decides what follows. */
import { z } from "zod";
import { log } from "../log.ts";
import type { Config } from "../protocol/config.ts";
import { limits } from "../protocol/limits.ts";
import type { FcmMessage, ServiceAccount } from "../protocol/push.ts";
import { ask, connectAccess, type Later, laterOf, type Reply } from "./fcm-access.ts";
import type { Failures, Outages } from "./outages.ts";

/**
 * `gone`: the token is of no use any more. `refused`: FCM does not take this message, nor will it; that is in the log.
 * `later`: nothing is known of it, or FCM wants to be left alone for so long.
 */
export type Sent = { as: "sent" } | { as: "gone" } | { as: "refused" } | Later;

export interface Push {
  send(message: FcmMessage): Promise<Sent>;
  /** Of all isolates; where Redis is away, of this one. */
  state(): Promise<Failures>;
}

/** FCM's own codes are in the details, beside those of all Google's services. */
const refusal = z.object({
  error: z.object({
    details: z
      .array(
        z.object({
          errorCode: z.string().optional(),
          fieldViolations: z.array(z.object({ field: z.string().optional() })).default([]),
        }),
      )
      .default([]),
  }),
});

function codeOf({ body }: Reply): string | undefined {
  const { error } = refusal.safeParse(body).data ?? {};
  const isOfToken = ({ field }: { field?: string | undefined }) => field === "message.token";
  // Another field is wrong: of the message, which says nothing of the device.
  if (!error?.details.every(({ fieldViolations }) => fieldViolations.every(isOfToken))) return undefined;
  return error.details.find((detail) => detail.errorCode !== undefined)?.errorCode;
}

/**
 * Of the token: it is not registered any more, is another project's, or is none. FCM says the last as INVALID_ARGUMENT of
 * its own; a field of the message that is wrong is named by another kind of detail.
 */
const goneCodes: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  403: "SENDER_ID_MISMATCH",
  404: "UNREGISTERED",
};

function sentOf(reply: Reply | undefined): Sent {
  if (reply?.status === 200) return { as: "sent" };
  // 401 even with a fresh token: the account, or Apple's key, is somebody's to mend.
  if (!reply || reply.status === 401 || reply.status === 429 || reply.status >= 500) return laterOf(reply);
  return codeOf(reply) !== undefined && codeOf(reply) === goneCodes[reply.status] ? { as: "gone" } : { as: "refused" };
}

/** @returns undefined where it is not set up */
export function connectPush(
  { FCM_SERVICE_ACCOUNT: account, FCM_BASE_URL: base }: Pick<Config, "FCM_SERVICE_ACCOUNT" | "FCM_BASE_URL">,
  outages: Outages,
): Push | undefined {
  return account && pushOf(account, base.replace(/\/$/, ""), outages);
}

function pushOf(account: ServiceAccount, base: string, outages: Outages): Push {
  const access = connectAccess(account);
  const url = `${base}/v1/projects/${account.project_id}/messages:send`;
  let own: Failures = { failures: 0 };
  let clearedAt = Number.NEGATIVE_INFINITY;

  async function post(message: FcmMessage, token: string): Promise<Reply | undefined> {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    return await ask(url, { method: "POST", headers, body: JSON.stringify({ message }) });
  }

  async function attempt(message: FcmMessage): Promise<Sent> {
    const token = await access.token();
    if (typeof token !== "string") return token;
    const reply = await post(message, token);
    if (reply?.status !== 401) return told(reply);
    const fresh = await access.token(token);
    return typeof fresh === "string" ? told(await post(message, fresh)) : fresh;
  }

  function told(reply: Reply | undefined): Sent {
    const sent = sentOf(reply);
    if (sent.as === "sent") return sent;
    const level = sent.as === "refused" ? "error" : sent.as === "later" ? "warn" : "info";
    log(level, "push_failed", { as: sent.as, status: reply?.status, code: reply && codeOf(reply) });
    return sent;
  }

  async function note(sent: Sent): Promise<void> {
    const now = Date.now();
    // A token that is gone is an answer like any other.
    if (sent.as === "later" || sent.as === "refused") {
      own = { failures: own.failures + 1, failed_at: now };
      await outages.report(now);
    } else if (own.failures > 0 || now - clearedAt > limits.pushClearMs) {
      own = { failures: 0 };
      clearedAt = now;
      await outages.clear();
    }
  }

  return {
    async send(message) {
      const sent = await attempt(message);
      await note(sent);
      return sent;
    },
    state: () => outages.read().catch(() => own),
  };
}
