import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { useValue } from "../ui/hooks.ts";
import { hasGoogle, leaveForGoogle } from "./google.ts";

/** Only where the server has it. */
export function GoogleButton() {
  const say = useText();
  const isThere = useValue(hasGoogle);
  if (!isThere) return null;
  return (
    <>
      <p class="or">{say("signIn.or")}</p>
      <Button onClick={leaveForGoogle}>{say("signIn.google")}</Button>
    </>
  );
}
