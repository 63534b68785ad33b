import { useText } from "../texts/text.ts";

interface SentToProps {
  email: string;
  /** Of its digits. */
  count: number;
  onChange(): void;
}

/** Where the code went, and the way back for who typed another address than theirs. */
export function SentTo({ email, count, onChange }: SentToProps) {
  const say = useText();
  return (
    <p class="sent-to">
      {say("codes.sent", { count, email })}{" "}
      <button type="button" class="link" onClick={onChange}>
        {say("codes.change")}
      </button>
    </p>
  );
}
