import { alarm } from "./alarm.ts";

const startEveryMs = 3_000;
const idleMs = 5_000;

/** One's own typing, as it is told to others. */
export function createTyping(say: (type: "typing_start" | "typing_stop") => boolean) {
  let isTold = false;
  const rest = alarm(() => {});
  const idle = alarm(() => end());
  /** A message ends it by itself. */
  const forget = () => {
    isTold = false;
    rest.clear();
    idle.clear();
  };
  const end = () => {
    if (isTold) say("typing_stop");
    forget();
  };
  const key = () => {
    idle.set(idleMs);
    if (rest.isSet || !say("typing_start")) return;
    isTold = true;
    rest.set(startEveryMs);
  };
  return { key, end, forget };
}
