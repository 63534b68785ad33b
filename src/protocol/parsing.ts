/** From the text of a socket to frames, or to what is wrong with it. */
import { type ErrorCode, type FaultDetails, type Refusal, refuse } from "./errors.ts";
import { type ClientFrame, type ClientFrameType, clientFrames } from "./frames.ts";
import { ref } from "./ids.ts";
import { limits } from "./limits.ts";
import { readJson } from "./text.ts";

/** A frame, or why it is none; with the `ref` to answer under, if one could be read. */
export type Parsed = { ok: true; frame: ClientFrame } | { ok: false; refusal: Refusal; ref?: string | undefined };

export interface Envelope {
  /** `pingme.batch` was agreed: one text may hold an array of frames. */
  batch: boolean;
  /** Largest frame in bytes of UTF-8. */
  maxBytes: number;
}

/** Checks in the contract's order: size, JSON, `type` there, known type, schema. An array gives an entry for each frame. */
export function parseFrames(text: string, { batch, maxBytes }: Envelope): Parsed[] {
  const most = batch ? Math.max(maxBytes, limits.batchBytes) : maxBytes;
  if (isLonger(text, most)) return [bad(`A frame is at most ${maxBytes} bytes`)];
  const value = readJson(text);
  if (value === undefined) return [bad("The frame is not JSON")];
  if (!Array.isArray(value))
    return [isLonger(text, maxBytes) ? bad(`A frame is at most ${maxBytes} bytes`) : parseFrame(value)];
  if (!batch) return [bad("Arrays of frames need the subprotocol pingme.batch")];
  if (value.length === 0) return [bad("The array of frames is empty")];
  if (value.length > limits.batchFrames) return [bad(`An array holds at most ${limits.batchFrames} frames`)];
  // An array within the limit of one frame holds none beyond it.
  const limit = isLonger(text, maxBytes) ? maxBytes : undefined;
  return value.map((entry) => parseFrame(entry, limit));
}

function parseFrame(value: unknown, maxBytes?: number): Parsed {
  if (!isRecord(value)) return bad("A frame is a JSON object");
  const given = ref.safeParse(value.ref).data;
  if (maxBytes !== undefined && isFrameLonger(value, maxBytes))
    return bad(`A frame is at most ${maxBytes} bytes`, given);
  const type = value.type;
  if (typeof type !== "string") return bad("The frame has no type", given);
  if (!isClientFrameType(type)) return bad(`Unknown type ${JSON.stringify(type.slice(0, 32))}`, given);
  const parsed = clientFrames[type].safeParse(value);
  if (parsed.success) return { ok: true, frame: parsed.data };
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const isContent = issues.every((issue) => issue.path === "content") && typeof value.content === "string";
  const detail = issues.map((issue) => `${issue.path} ${issue.message}`.trim()).join("; ");
  return bad(detail, given, isContent ? "INVALID_CONTENT" : "INVALID_MESSAGE", { errors: issues });
}

/** One that can be read but is nested too deep to be written again counts as too long: no frame of ours is. */
function isFrameLonger(frame: object, maxBytes: number): boolean {
  try {
    return isLonger(JSON.stringify(frame), maxBytes);
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

function bad(detail: string, given?: string, code: ErrorCode = "INVALID_MESSAGE", details?: FaultDetails): Parsed {
  return { ok: false, refusal: refuse(code, detail, details), ref: given };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isClientFrameType(type: string): type is ClientFrameType {
  return Object.hasOwn(clientFrames, type);
}

const encoder = new TextEncoder();

/** Whether UTF-8 of the text is over `bytes`, without encoding what is surely shorter or longer. */
export function isLonger(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  if (text.length * 3 <= bytes) return false;
  return encoder.encode(text).byteLength > bytes;
}

/** As it goes over the wire. */
export function bytesOf(text: string): number {
  return encoder.encode(text).byteLength;
}
