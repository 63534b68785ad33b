/** Commands there is no route for, as calls: their own frame is the answer. */
import type { ClientFrame, ServerFrame } from "../protocol/frames.ts";
import { alarm } from "./alarm.ts";
import { PingMeError } from "./error.ts";

const answerMs = 15_000;

interface Ask {
  isAnswer(frame: ServerFrame): boolean;
  settle(error?: PingMeError): void;
}

export interface Asks {
  /** @throws PingMeError */
  pin(conversationId: string, messageId: string, on: boolean): Promise<void>;
  heard(frame: ServerFrame): void;
  /** What was asked there may be done or not. */
  lost(): void;
}

const noAnswer = () => new PingMeError("There was no answer", { code: "OFFLINE", status: 0, errors: [] });

export function createAsks(say: (frame: ClientFrame) => boolean, me: () => string): Asks {
  const asks = new Map<string, Ask>();
  let count = 0;

  function ask(frame: ClientFrame, isAnswer: Ask["isAnswer"]): Promise<void> {
    const ref = `ask:${++count}`;
    return new Promise((resolve, reject) => {
      if (!say({ ...frame, ref })) return reject(noAnswer());
      const late = alarm(() => settle(noAnswer()));
      const settle = (error?: PingMeError) => {
        late.clear();
        asks.delete(ref);
        if (error) reject(error);
        else resolve();
      };
      late.set(answerMs);
      asks.set(ref, { isAnswer, settle });
    });
  }

  return {
    pin: (conversation_id, message_id, on) =>
      ask(
        { type: "pin", conversation_id, message_id, on },
        (frame) => frame.type === "pin" && frame.message_id === message_id && frame.on === on && frame.user_id === me(),
      ),
    heard(frame) {
      if (frame.type === "error") asks.get(frame.ref ?? "")?.settle(refusal(frame));
      else for (const { isAnswer, settle } of [...asks.values()]) if (isAnswer(frame)) settle();
    },
    lost() {
      for (const { settle } of [...asks.values()]) settle(noAnswer());
    },
  };
}

function refusal({ code, message, details }: Extract<ServerFrame, { type: "error" }>): PingMeError {
  const retryAfterMs = details?.retry_after_ms;
  const errors = details?.errors ?? [];
  return new PingMeError(message, { code, status: 0, errors, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}
