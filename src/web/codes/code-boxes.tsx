import { useEffect, useRef } from "preact/hooks";
import { useText } from "../texts/text.ts";
import { type Digits, erased, type Placed, typed } from "./digits.ts";

interface CodeBoxesProps {
  digits: Digits;
  onDigits(digits: Digits): void;
  isWrong: boolean;
  /** Shown, and not to be changed now. */
  isBusy?: boolean;
  /** Of the text that says what is wrong. */
  describedBy?: string;
}

/** A box for each digit: takes a paste and the keyboard's suggestion as a whole; arrows and backspace move between. */
export function CodeBoxes({ digits, onDigits, isWrong, isBusy = false, describedBy }: CodeBoxesProps) {
  const say = useText();
  const boxes = useRef<(HTMLInputElement | null)[]>([]);
  const isEmpty = digits.every((digit) => digit === "");
  const put = ({ digits: next, at }: Placed) => {
    onDigits(next);
    boxes.current[at]?.focus();
  };
  // At the start, and after a wrong one was taken out.
  useEffect(() => {
    if (isEmpty && !isBusy) boxes.current[0]?.focus();
  }, [isEmpty, isBusy]);
  return (
    <fieldset class="code-boxes" aria-describedby={describedBy}>
      <legend class="hidden">{say("codes.label")}</legend>
      {digits.map((digit, at) => (
        <input
          key={at}
          ref={(box) => {
            boxes.current[at] = box;
          }}
          value={digit}
          inputMode="numeric"
          autoComplete={at === 0 ? "one-time-code" : "off"}
          aria-label={say("codes.digit", { number: at + 1, count: digits.length })}
          aria-invalid={isWrong}
          readOnly={isBusy}
          onFocus={(event) => event.currentTarget.select()}
          onKeyDown={(event) => {
            if (isBusy) return;
            const to = steps[event.key];
            if (event.key === "Backspace") put(erased(digits, at));
            else if (to === undefined) return;
            else boxes.current[Math.max(0, Math.min(at + to, digits.length - 1))]?.focus();
            event.preventDefault();
          }}
          onInput={(event) => {
            const box = event.currentTarget;
            const placed = typed(digits, at, box.value);
            box.value = placed.digits[at] ?? ""; // also where nothing is drawn again
            put(placed);
          }}
        />
      ))}
    </fieldset>
  );
}

const steps: Record<string, number | undefined> = { ArrowLeft: -1, ArrowRight: 1, Home: -8, End: 8 };
