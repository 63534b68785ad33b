import { useEffect } from "preact/hooks";
import { PingMeError } from "../client/error.ts";
import { client } from "./client.ts";
import { lookForGoogle } from "./sign-in/google.ts";
import { type TextKey, useText } from "./texts/text.ts";
import { Button } from "./ui/button.tsx";
import { useAction } from "./ui/hooks.ts";

interface OpeningProps {
  /** Of a sign-in with Google. */
  code: string | undefined;
  /** The code is used up. @param trouble why it has not signed one in */
  onTried(trouble: TextKey | undefined): void;
}

/** Signs in with what Google has led here with, else looks for the session of before. */
export function Opening({ code, onTried }: OpeningProps) {
  const say = useText();
  const action = useAction(async () => {
    lookForGoogle();
    if (code !== undefined && (await hasEntered(code, onTried))) return;
    await client.session.restore();
  });
  useEffect(() => void action.run(), []);
  if (action.error === undefined) return null;
  return (
    <main class="page">
      <p role="alert">{say("common.errorOffline")}</p>
      <Button kind="primary" onClick={() => action.run()}>
        {say("common.retry")}
      </Button>
    </main>
  );
}

/** @throws PingMeError where the server is away: it can be tried again */
async function hasEntered(code: string, onTried: OpeningProps["onTried"]): Promise<boolean> {
  try {
    await client.session.exchange(code);
    onTried(undefined);
    return true;
  } catch (error) {
    if (!(error instanceof PingMeError) || error.code === "OFFLINE" || error.code === "UNAVAILABLE") throw error;
    onTried(error.code === "GONE" ? "signIn.googleLate" : "signIn.googleFailed");
    return false;
  }
}
