import type { Challenge } from "../../client/api.ts";

export type Step =
  | { at: "login" | "register" | "reset" }
  /** A code was mailed. */
  | { at: "login-code" | "register-code" | "new-password"; challenge: Challenge };

/** What was typed: it stays when one goes back. */
export interface Typed {
  email: string;
  password: string;
  name: string;
}

export interface StepProps {
  typed: Typed;
  onTyped(change: Partial<Typed>): void;
  go(step: Step): void;
}
