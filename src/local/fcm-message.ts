/** A message as FCM's reference has it (HTTP v1, `projects.messages`): what is not in it is refused, as there. */
import { z } from "zod";

const texts = z.record(z.string(), z.string());
const duration = z.string().regex(/^\d+(\.\d{1,9})?s$/);
const notification = z.strictObject({
  title: z.string().optional(),
  body: z.string().optional(),
  image: z.string().optional(),
});
/** Of keys, those FCM keeps for itself. */
const data = texts.refine(
  (given) => !Object.keys(given).some((key) => /^(from|message_type|google.*|gcm.*)$/.test(key)),
);

const android = z.strictObject({
  collapse_key: z.string().optional(),
  priority: z.enum(["normal", "high"]).optional(),
  ttl: duration.optional(),
  data: data.optional(),
  notification: notification
    .extend({
      tag: z.string().optional(),
      channel_id: z.string().optional(),
      sound: z.string().optional(),
      notification_count: z.int().min(0).optional(),
    })
    .optional(),
});

const apns = z.strictObject({
  headers: texts
    .refine((given) => (given["apns-collapse-id"] ?? "").length <= 64)
    .refine((given) => /^(alert|background)?$/.test(given["apns-push-type"] ?? ""))
    .optional(),
  payload: z.object({ aps: z.record(z.string(), z.unknown()) }).optional(),
});

const webpush = z.strictObject({
  headers: texts.refine((given) => /^[\w-]{0,32}$/.test(given.Topic ?? "")).optional(), // RFC 8030, 5.4
  data: data.optional(),
  notification: z.record(z.string(), z.unknown()).optional(),
});

export const fcmSend = z.strictObject({
  validate_only: z.boolean().optional(),
  message: z.strictObject({
    token: z.string().min(1),
    data: data.optional(),
    notification: notification.optional(),
    android: android.optional(),
    apns: apns.optional(),
    webpush: webpush.optional(),
  }),
});
export type SentMessage = z.infer<typeof fcmSend>["message"];

/** What a device is sent at most: keys and values of what is not for FCM itself. */
export const payloadBytes = 4_096;
