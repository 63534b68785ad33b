/** How routes reach a conversation's object. */
import type { Env } from "../env.ts";
import { describeError, log } from "../log.ts";
import type { Answer, Command, JudgedAction } from "../protocol/commands.ts";
import type { Conversation } from "../protocol/conversations.ts";
import { Fault, type Result, unwrap } from "../protocol/errors.ts";
import { id } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import { type AppContext, judgedFirst } from "./context.ts";

type Stub = ReturnType<Env["CONVERSATIONS"]["get"]>;

/** One call to a conversation. @throws Fault of its refusal; UNAVAILABLE where the object is away */
export async function askRoom<T>(c: AppContext, roomId: string, ask: (room: Stub) => Promise<Result<T>>): Promise<T> {
  const { CONVERSATIONS } = c.env;
  let result: Result<T>;
  try {
    result = await ask(CONVERSATIONS.get(CONVERSATIONS.idFromName(roomId)));
  } catch (error) {
    log("error", "room_failed", { request_id: c.get("requestId"), conversation_id: roomId, ...describeError(error) });
    throw new Fault("UNAVAILABLE", "The conversation is away", { retry_after_ms: limits.unavailableRetryMs });
  }
  return unwrap(result);
}

/** Runs one command for the one who is signed in: the entry that frames use. */
export async function command(c: AppContext, roomId: string, wanted: Command): Promise<Answer> {
  return await askRoom(c, roomId, async (room) => {
    const [result] = await room.execute(c.get("actor"), [wanted], "rest");
    if (!result) throw new Error("A command was not answered");
    return result;
  });
}

/** Runs a command. @returns the conversation as the one who is signed in sees it now */
export async function changed(c: AppContext, roomId: string, wanted: Command): Promise<Conversation> {
  const { record } = await command(c, roomId, wanted);
  if (!record) throw new Error(`${wanted.type} was answered without the conversation`);
  return record;
}

/** Where the user stands there was changed: what lists show of it is asked of the conversation for a while. */
export async function noteChanged(c: AppContext, roomId: string): Promise<void> {
  const { USERS } = c.env;
  try {
    await USERS.get(USERS.idFromName(c.get("actor").user_id)).marked(roomId);
  } catch (error) {
    // What was asked for is done: a list may show it a moment later, but the answer is no failure.
    log("warn", "mark_failed", { request_id: c.get("requestId"), conversation_id: roomId, ...describeError(error) });
  }
}

/** For routes with `{id}` of a conversation: permission is judged before the fields of the body. */
export function ifMay(action: JudgedAction) {
  return judgedFirst(async (c) => {
    const roomId = id.safeParse(c.req.param("id"));
    if (roomId.success) await askRoom(c, roomId.data, (room) => room.may(c.get("actor").user_id, action));
  });
}
