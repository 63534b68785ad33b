/** A mail as it leaves: to one address that was validated, of text we wrote. */
export interface Letter {
  to: string;
  subject: string;
  text: string;
  html: string;
}

export type Language = "en" | "ru";
