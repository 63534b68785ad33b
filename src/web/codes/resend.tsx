import { useEffect, useState } from "preact/hooks";
import { PingMeError } from "../../client/error.ts";
import { client } from "../client.ts";
import { useText } from "../texts/text.ts";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";

const waitMs = 60_000;

interface ResendProps {
  challenge: string;
  /** The challenge is over: no code of it counts any more. */
  onEnded(): void;
}

/** Another code, once a minute: counts down. */
export function Resend({ challenge, onEnded }: ResendProps) {
  const say = useText();
  const [readyAt, setReadyAt] = useState(() => Date.now() + waitMs);
  const [said, setSaid] = useState<"codes.resent" | "codes.noMore">();
  const leftMs = useCountdown(readyAt);
  const action = useAction(async () => {
    try {
      await client.session.resendCode(challenge);
      setSaid("codes.resent");
      setReadyAt(Date.now() + waitMs);
    } catch (error) {
      if (!(error instanceof PingMeError)) throw error;
      if (error.code === "GONE") onEnded();
      else if (error.code !== "RATE_LIMIT_EXCEEDED") throw error;
      const longerMs = error.retryAfterMs ?? waitMs;
      if (longerMs > waitMs) setSaid("codes.noMore");
      setReadyAt(Date.now() + longerMs);
    }
  });
  const time = `${Math.floor(leftMs / 60_000)}:${String(Math.ceil(leftMs / 1_000) % 60).padStart(2, "0")}`;
  return (
    <div class="resend">
      <p role="status">{said && say(said)}</p>
      {leftMs > 0 ? (
        said !== "codes.noMore" && <p class="muted">{say("codes.resendIn", { time })}</p>
      ) : (
        <button type="button" class="link" disabled={action.isBusy} onClick={() => action.run()}>
          {say("codes.resend")}
        </button>
      )}
      <Notice>{errorText(say, action.error)}</Notice>
    </div>
  );
}

/** How long it is until then, in whole seconds of milliseconds; 0 afterwards. */
function useCountdown(untilMs: number): number {
  const left = () => Math.max(0, Math.ceil((untilMs - Date.now()) / 1_000) * 1_000);
  const [leftMs, setLeft] = useState(left);
  useEffect(() => {
    setLeft(left());
    const timer = setInterval(() => {
      setLeft(left());
      if (left() === 0) clearInterval(timer);
    }, 1_000);
    return () => clearInterval(timer);
  }, [untilMs]);
  return leftMs;
}
