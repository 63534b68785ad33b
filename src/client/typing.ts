import { alarm } from "./alarm.ts";

const startEveryMs = 3_000;
const idleMs = 5_000;

/** One's own typing, as it is told to others. */
export function createTyping(say: (type: "typing_start" | "typing_stop") => boolean) {
  let startedAt = 0;
  const idle = alarm(() => end());
  /** A message ends it by itself. */
  const forget = () => {
    startedAt = 0;
    idle.clear();
  };
  const end = () => {
    if (startedAt > 0) say("typing_stop");
    forget();
  };
  const key = () => {
    idle.set(idleMs);
    if (Date.now() - startedAt >= startEveryMs && say("typing_start")) startedAt = Date.now();
  };
  return { key, end, forget };
}
