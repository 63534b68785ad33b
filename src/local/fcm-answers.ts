/** How the embedded FCM answers: in Google's words for what is wrong, or as a test tells it to for one token. */
import type { ServerResponse } from "node:http";
import type { Manners } from "./fcm-manners.ts";
import { answerJson } from "./server.ts";

const google = "type.googleapis.com/google";

function error(response: ServerResponse, status: number, name: string, details: unknown[] = []): void {
  answerJson(response, status, { error: { code: status, message: `It is ${name}`, status: name, details } });
}

const fcmError = (errorCode: string) => ({ "@type": `${google}.firebase.fcm.v1.FcmError`, errorCode });

export const failures = {
  unauthenticated: (response: ServerResponse) => error(response, 401, "UNAUTHENTICATED"),
  otherProject: (response: ServerResponse) => error(response, 403, "PERMISSION_DENIED"),
  badMessage: (response: ServerResponse, fields: string[]) => {
    const fieldViolations = fields.map((field) => ({ field, description: `Invalid value at '${field}'` }));
    error(response, 400, "INVALID_ARGUMENT", [{ "@type": `${google}.rpc.BadRequest`, fieldViolations }]);
  },
  unregistered: (response: ServerResponse) => error(response, 404, "NOT_FOUND", [fcmError("UNREGISTERED")]),
  badToken: (response: ServerResponse) => error(response, 400, "INVALID_ARGUMENT", [fcmError("INVALID_ARGUMENT")]),
  quota: (response: ServerResponse) => error(response, 429, "RESOURCE_EXHAUSTED", [fcmError("QUOTA_EXCEEDED")]),
  failing: (response: ServerResponse) => error(response, 500, "INTERNAL", [fcmError("INTERNAL")]),
};

/** @returns whether that was the answer; one that hangs has none */
export function answerAs({ as, retry_after }: Manners, response: ServerResponse): boolean {
  if (retry_after !== undefined) response.setHeader("retry-after", String(retry_after));
  const answers: Record<Manners["as"], (() => void) | undefined> = {
    fine: undefined,
    unregistered: () => failures.unregistered(response),
    refused: () => failures.badToken(response),
    unauthenticated: () => failures.unauthenticated(response),
    quota: () => failures.quota(response),
    failing: () => failures.failing(response),
    hanging: () => undefined,
  };
  const answer = answers[as];
  answer?.();
  return answer !== undefined;
}
