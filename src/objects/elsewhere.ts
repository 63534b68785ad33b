/** What a conversation's object asks of others of its kind. */
import type { Place } from "../core/view.ts";
import type { Database } from "../db/connect.ts";
import { describeError, log as writeLog } from "../log.ts";
import { Fault, type Result, unwrap } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import type { Message } from "../protocol/messages.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import type { Log } from "./log.ts";
import { inTime } from "./patience.ts";
import { messageById } from "./reading.ts";

interface Readers {
  log: Log;
  db: Database;
  conversations: DurableObjectNamespace<ConversationRpc>;
}

/**
 * A message as its conversation shows it to a member, edits applied; in this conversation without a call.
 * @throws Fault CONVERSATION_NOT_FOUND, MESSAGE_NOT_FOUND, UNAVAILABLE
 */
export async function readMessage(
  { log, db, conversations }: Readers,
  userId: string,
  { conversation_id, message_id }: Place,
): Promise<Message> {
  if (conversation_id === log.room?.id) return await messageById(log, db, userId, message_id);
  const there = conversations.get(conversations.idFromName(conversation_id));
  const ask = async (): Promise<Result<Message>> => await there.message(userId, message_id);
  try {
    return unwrap(await inTime(limits.tellMs, ask()));
  } catch (error) {
    if (error instanceof Fault) throw error;
    writeLog("error", "read_failed", { conversation_id, ...describeError(error) });
    throw new Fault("UNAVAILABLE", "The conversation it is in is away", { retry_after_ms: limits.unavailableRetryMs });
  }
}
