import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/errors.ts";
import { Notice } from "../ui/field.tsx";
import { useAction } from "../ui/hooks.ts";
import { CodeBoxes } from "./code-boxes.tsx";
import { noDigits, wholeCode } from "./digits.ts";
import { Resend } from "./resend.tsx";
import { SentTo } from "./sent-to.tsx";
import { type CodeTrouble, codeTrouble } from "./trouble.ts";

const count = 6;

interface CodeEntryProps {
  email: string;
  challenge: string;
  /** As soon as it is whole. */
  onCode(code: string): Promise<unknown>;
  /** Back to where the address was given. */
  onBack(): void;
  /** Between the address and the boxes. */
  children?: ComponentChildren;
}

/** Asks for a mailed code. */
export function CodeEntry({ email, challenge, onCode, onBack, children }: CodeEntryProps) {
  const say = useText();
  const id = useId();
  const [digits, setDigits] = useState(noDigits(count));
  const { check, trouble, isBusy } = useCheck(onCode, () => setDigits(noDigits(count)));
  const [isOver, setOver] = useState(false);
  const code = wholeCode(digits);
  if (isOver || trouble?.is === "ended") return <Ended text={say("codes.ended")} onBack={onBack} />;
  if (trouble?.is === "used") return <Ended text={say("codes.used")} onBack={onBack} />;
  return (
    <div class="code-entry">
      <SentTo email={email} count={count} onChange={onBack} />
      {children}
      <CodeBoxes
        digits={digits}
        isWrong={trouble?.is === "wrong"}
        isBusy={isBusy}
        describedBy={id}
        onDigits={(next) => {
          setDigits(next);
          const whole = wholeCode(next);
          if (whole !== undefined) check(whole);
        }}
      />
      <div id={id}>
        <Notice>{trouble?.is === "wrong" ? say("codes.wrong", { count: trouble.left }) : ""}</Notice>
        <Notice>{trouble?.is === "other" ? errorText(say, trouble.error) : ""}</Notice>
      </div>
      {trouble?.is === "other" && code !== undefined && (
        <Button kind="primary" onClick={() => check(code)}>
          {say("common.retry")}
        </Button>
      )}
      <p role="status" class="muted">
        {isBusy && say("codes.checking")}
      </p>
      <Resend challenge={challenge} onEnded={() => setOver(true)} />
    </div>
  );
}

/** Shows a code to who knows, one at a time. @param onWrong it is of no use any more */
function useCheck(onCode: CodeEntryProps["onCode"], onWrong: () => void) {
  const [trouble, setTrouble] = useState<CodeTrouble>();
  const [wrong, setWrong] = useState(0);
  const action = useAction(async (code: string) => {
    setTrouble(undefined);
    try {
      await onCode(code);
    } catch (error) {
      const found = codeTrouble(error, wrong);
      setTrouble(found);
      if (found.is !== "wrong") return;
      setWrong(wrong + 1);
      onWrong();
    }
  });
  return { check: action.run, trouble, isBusy: action.isBusy };
}

function Ended({ text, onBack }: { text: string; onBack(): void }) {
  const say = useText();
  return (
    <div class="code-entry">
      <Notice>{text}</Notice>
      <Button kind="primary" onClick={onBack}>
        {say("codes.restart")}
      </Button>
    </div>
  );
}
