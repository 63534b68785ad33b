import type { Hook } from "@hono/zod-openapi";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Services } from "../connect.ts";
import type { Env } from "../env.ts";
import { Fault, type FieldError } from "../protocol/errors.ts";
import type { Actor } from "../protocol/users.ts";

/** What every handler finds in its context. */
export interface App {
  Bindings: Env;
  Variables: {
    requestId: string;
    services: Services;
    /** Set by the guard: only where it stands before the route. */
    actor: Actor;
  };
}

export type AppContext = Context<App>;
type AppHook = Hook<unknown, App, string, unknown>;

interface Issue {
  path: PropertyKey[];
  message: string;
}

/** 400 where the whole is not of the form (not an object), 422 where a field is wrong. */
export function faultOfIssues(issues: Issue[]): Fault {
  const errors: FieldError[] = issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const whole = errors.find((error) => error.path === "");
  if (whole && errors.length === 1 && issues[0]?.path.length === 0) {
    return new Fault("INVALID_MESSAGE", `The body is not of the form: ${whole.message}`);
  }
  const named = errors.map((error) => `${error.path} ${error.message}`).join("; ");
  return new Fault("INVALID_CONTENT", named, { errors });
}

const refuseInvalid: AppHook = (result) => {
  if (!result.success) throw faultOfIssues(result.error.issues);
};

/** A group of routes. All of them refuse what does not fit their schemas in the same way. */
export function routes(): OpenAPIHono<App> {
  return new OpenAPIHono<App>({ defaultHook: refuseInvalid });
}
