/** The devices one is pushed to. */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { connect } from "../connect.ts";
import { deleteDevice, putDevice } from "../db/push-devices.ts";
import { describeError, log } from "../log.ts";
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { deviceId, pushDevice } from "../protocol/push.ts";
import { type App, type AppContext, jsonBody, routes } from "./context.ts";
import { signedIn, signedOut } from "./guard.ts";
import { problems } from "./problem.ts";

const common = { tags: ["users"], middleware: [signedIn], security: [{ bearer: [] }] };
const own = { path: "/users/me/devices/{device_id}" } as const;
const params = z.object({ device_id: deviceId });

const putRoute = createRoute({
  ...common,
  ...own,
  method: "put",
  summary: "Have a device pushed to",
  description:
    "With the registration token FCM gave it; again whenever that changes, and at each sign-in: it moves here from whoever had it. The device goes with the session. May be repeated.",
  request: { params, body: jsonBody(pushDevice) },
  responses: {
    204: { description: "Messages are pushed there while no active socket takes them" },
    ...problems("INVALID_MESSAGE", "AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

const deleteRoute = createRoute({
  ...common,
  ...own,
  method: "delete",
  summary: "Have a device pushed to no longer",
  request: { params },
  responses: {
    204: { description: "Nothing is pushed there" },
    ...problems("AUTH_REQUIRED", "AUTH_FAILED", "INVALID_CONTENT", "UNAVAILABLE"),
  },
});

/** Their object asks Postgres for devices only once it knows that there is one. @throws Fault UNAVAILABLE */
async function tellUser({ env: { USERS } }: AppContext, userId: string): Promise<void> {
  try {
    await USERS.get(USERS.idFromName(userId)).pushable();
  } catch (error) {
    log("error", "device_untold", { user_id: userId, ...describeError(error) });
    throw new Fault("UNAVAILABLE", "It is registered, but not known where it is needed: repeat it", {
      retry_after_ms: limits.unavailableRetryMs,
    });
  }
}

export function pushDeviceRoutes(): OpenAPIHono<App> {
  const app = routes();
  app.openapi(putRoute, async (c) => {
    const { user_id, session_id } = c.get("actor");
    const device = { user_id, session_id, ...c.req.valid("param"), ...c.req.valid("json"), now: Date.now() };
    if (!(await putDevice(connect(c.env).db, device))) throw signedOut();
    await tellUser(c, user_id);
    return c.body(null, 204);
  });
  app.openapi(deleteRoute, async (c) => {
    await deleteDevice(connect(c.env).db, c.get("actor").user_id, c.req.valid("param").device_id);
    return c.body(null, 204);
  });
  return app;
}
