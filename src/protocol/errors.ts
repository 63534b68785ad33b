/** Every error PingMe can answer: its HTTP status and its title. */
const table = {
  AUTH_REQUIRED: { status: 401, title: "Sign in first" },
  AUTH_FAILED: { status: 401, title: "The sign-in was not accepted" },
  INVALID_MESSAGE: { status: 400, title: "The request does not have the right form" },
  INVALID_CONTENT: { status: 422, title: "A field is wrong" },
  PERMISSION_DENIED: { status: 403, title: "Not allowed" },
  CONVERSATION_NOT_FOUND: { status: 404, title: "There is no such conversation" },
  MESSAGE_NOT_FOUND: { status: 404, title: "There is no such message" },
  USER_NOT_FOUND: { status: 404, title: "There is no such user" },
  CONFLICT: { status: 409, title: "In conflict with what is there" },
  RATE_LIMIT_EXCEEDED: { status: 429, title: "Too often" },
  UNAVAILABLE: { status: 503, title: "A backend is away" },
  INTERNAL_ERROR: { status: 500, title: "Something went wrong" },
  NOT_FOUND: { status: 404, title: "There is nothing here" },
  METHOD_NOT_ALLOWED: { status: 405, title: "The method is not allowed here" },
  GONE: { status: 410, title: "It has ended" },
  TOO_LARGE: { status: 413, title: "Too large" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "The media type is not supported" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof table;
export const errors: Record<ErrorCode, { status: (typeof table)[ErrorCode]["status"]; title: string }> = table;
export const errorCodes = Object.keys(table) as [ErrorCode, ...ErrorCode[]];

export interface FieldError {
  /** Where: the field's name, dotted for nested ones. */
  path: string;
  message: string;
}

export interface FaultDetails {
  retry_after_ms?: number;
  errors?: FieldError[];
}

/** A refusal as a value: what crosses calls between objects, since a thrown class does not survive the crossing. */
export interface Refusal {
  ok: false;
  code: ErrorCode;
  detail: string;
  details?: FaultDetails;
}

export type Result<T> = { ok: true; value: T } | Refusal;

/** The one error class. Thrown inside the Worker; a door turns it into problem+json or an error frame. */
export class Fault extends Error {
  readonly code: ErrorCode;
  readonly details: FaultDetails | undefined;

  constructor(code: ErrorCode, detail: string, details?: FaultDetails) {
    super(detail);
    this.name = "Fault";
    this.code = code;
    this.details = details;
  }

  static from(refusal: Refusal): Fault {
    return new Fault(refusal.code, refusal.detail, refusal.details);
  }
}

export function refuse(code: ErrorCode, detail: string, details?: FaultDetails): Refusal {
  return details ? { ok: false, code, detail, details } : { ok: false, code, detail };
}

/** One field is wrong. */
export function refuseField(path: string, message: string, code: ErrorCode = "INVALID_CONTENT"): Refusal {
  return refuse(code, `${path} ${message}`, { errors: [{ path, message }] });
}

/** The refusal a Fault stands for; anything else is a bug and is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Fault) return refuse(error.code, error.message, error.details);
  throw error;
}

/** Runs what may throw a Fault; what crosses a call is a value. */
export async function answering<T>(run: () => Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return refusalOf(error);
  }
}

export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw Fault.from(result);
  return result.value;
}

/** Close codes of sockets. `resume`: reconnect with the cursor; otherwise do not retry as you were. */
export const closes = {
  binary: { code: 1003, reason: "Binary frames are not supported", resume: false },
  tooBig: { code: 1009, reason: "Frame over 1 MiB", resume: false },
  protocol: { code: 4400, reason: "Protocol error", resume: false },
  signIn: { code: 4401, reason: "Sign in again", resume: false },
  unsigned: { code: 4401, reason: "Not signed in", resume: false },
  removed: { code: 4403, reason: "No longer a member", resume: false },
  deleted: { code: 4404, reason: "Conversation deleted", resume: false },
  silent: { code: 4408, reason: "Nothing heard for too long", resume: true },
  slow: { code: 4413, reason: "Reader too slow", resume: true },
  tooMany: { code: 4429, reason: "Too many sockets or frames", resume: false },
  unavailable: { code: 4503, reason: "The object sheds sockets", resume: true },
} as const;

export type Close = (typeof closes)[keyof typeof closes];
