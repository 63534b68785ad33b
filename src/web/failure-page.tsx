import { useText } from "./texts/text.ts";
import { Button } from "./ui/button.tsx";

/** In place of a page that could not be drawn. */
export function FailurePage() {
  const say = useText();
  return (
    <main class="page failure">
      <h1>{say("common.failed")}</h1>
      <p role="alert">{say("common.failedText")}</p>
      <Button kind="primary" onClick={() => location.reload()}>
        {say("common.reload")}
      </Button>
    </main>
  );
}
