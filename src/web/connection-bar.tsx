import { useEffect, useState } from "preact/hooks";
import { client } from "./client.ts";
import { useText } from "./texts/text.ts";
import { useValue } from "./ui/hooks.ts";

const patienceMs = 2_000;

/** Nothing while all is well, and for two seconds of trouble. */
export function ConnectionBar() {
  const say = useText();
  const { state, since } = useValue(client.connection);
  const isWell = state === "open" || state === "closed";
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (isWell) return;
    const timer = setTimeout(() => setLong(true), Math.max(0, since + patienceMs - Date.now()));
    return () => clearTimeout(timer);
  }, [isWell, since]);
  const text = isWell || !isLong ? "" : say(state === "offline" ? "common.offline" : "common.connecting");
  return (
    <div class="connection" role="status">
      {text && <p>{text}</p>}
    </div>
  );
}
