import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Env } from "../env.ts";
import { type ErrorCode, Fault, type FieldError, refuseField } from "../protocol/errors.ts";
import type { Actor } from "../protocol/users.ts";

/** What every handler finds in its context. */
export interface App {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Set by the guard: only where it stands before the route. */
    actor: Actor;
  };
}

export type AppContext = Context<App>;

interface Issue {
  path: PropertyKey[];
  message: string;
}

/** One field of the body is wrong, or in conflict with what is there. */
export function wrongField(path: string, message: string, code: ErrorCode = "INVALID_CONTENT"): Fault {
  return Fault.from(refuseField(path, message, code));
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

type Validated = { target: string } & ({ success: true } | { success: false; error: { issues: Issue[] } });

/**
 * What is not there when a part of the path is no id: the same as under an id nobody has. (`device_id` is the client's own
 * name of something: a wrong one is a field that is wrong.)
 */
const missing: Record<string, ErrorCode> = {
  "conversations id": "CONVERSATION_NOT_FOUND",
  "conversations message_id": "MESSAGE_NOT_FOUND",
  "conversations user_id": "USER_NOT_FOUND",
  "users id": "USER_NOT_FOUND",
  "users user_id": "USER_NOT_FOUND",
};

function faultOfInput(target: string, issues: Issue[], path: string): Fault {
  const field = String(issues[0]?.path[0]);
  if (target !== "param" || !field.endsWith("id") || field === "device_id") return faultOfIssues(issues);
  const resource = path.split("/")[3] ?? "";
  return new Fault(missing[`${resource} ${field}`] ?? "NOT_FOUND", "There is nothing under this id");
}

/** The hook of every validator. */
export const refuseInvalid = (result: Validated, c: { req: { path: string } }): undefined => {
  if (!result.success) throw faultOfInput(result.target, result.error.issues, c.req.path);
};

/**
 * For routes where permission is judged before the fields of the body: a wrong field is only told to who may do it.
 * @param judge throws a Fault for who may not
 */
export function judgedFirst(judge: (c: AppContext) => Promise<void>) {
  const refuse = async (target: string, issues: Issue[], c: AppContext): Promise<never> => {
    if (target === "json") await judge(c);
    throw faultOfInput(target, issues, c.req.path);
  };
  return (result: Validated, c: AppContext): Promise<never> | undefined =>
    result.success ? undefined : refuse(result.target, result.error.issues, c);
}

/** For routes whose every field may be left out: the body itself may not. */
export const hasBody = createMiddleware<App>(async (c, next) => {
  if (c.req.raw.body === null || c.req.header("Content-Length") === "0")
    throw new Fault("INVALID_MESSAGE", "The request needs a JSON body");
  await next();
});

export const json = <T>(schema: T) => ({ content: { "application/json": { schema } } });
export const jsonBody = <T>(schema: T) => ({ ...json(schema), required: true as const });

/** A group of routes. All of them refuse what does not fit their schemas in the same way. */
export function routes(): OpenAPIHono<App> {
  return new OpenAPIHono<App>({ defaultHook: refuseInvalid });
}
