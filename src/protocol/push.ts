/** Push: the devices people register, the account that sends, what a device is sent. */
import { z } from "zod";
import { limits } from "./limits.ts";
import { readJson } from "./text.ts";

export const platform = z.enum(["android", "ios", "web"]);
export type Platform = z.infer<typeof platform>;

/** The client's own name of it. */
export const deviceId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, "must be 1 to 64 of A-Z, a-z, 0-9, . _ -");

export const pushDevice = z.object({
  /** The registration token FCM gave the app. */
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, "is not a registration token")
    .max(limits.pushTokenLength),
  platform,
});

/** What Google gives as the JSON of a service account, as far as it is needed. */
const account = z.object({
  project_id: z.string().regex(/^[\w.:-]+$/),
  client_email: z.string().min(1),
  private_key: z.string().includes("-----BEGIN PRIVATE KEY-----"),
  token_uri: z.url({ protocol: /^https?$/ }),
});
export type ServiceAccount = z.infer<typeof account>;

/** Its JSON as text; what is wrong with it is never told by its words. */
export const serviceAccount = z.string().transform((text, context): ServiceAccount => {
  const parsed = account.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const message = "needs the JSON of a service account: project_id, client_email, private_key, token_uri";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** A message to one device in FCM's words (HTTP v1, `projects.messages`). Values of `data` are texts. */
export interface FcmMessage {
  token: string;
  data: Record<string, string>;
  notification?: { title: string; body?: string };
  android?: {
    collapse_key: string;
    priority: "high" | "normal";
    ttl: string;
    notification?: { tag: string; notification_count: number };
  };
  apns?: { headers: Record<string, string>; payload: { aps: Record<string, unknown> } };
  webpush?: { headers: Record<string, string>; notification?: { tag: string; renotify: boolean } };
}
