/** What the doctor finds, and how each look is bounded. */

export interface Finding {
  area: string;
  /** A `hint` may be as it should be; something `wrong` may not. */
  level: "fine" | "hint" | "wrong";
  /** What is so, and what to do about it. Never a secret. */
  what: string;
}

/** What a look says it has found. */
export type Tell = Record<Finding["level"], (what: string) => void>;

/** Asks one thing outside. What it throws is that thing's failure. */
export type Look = (tell: Tell, signal: AbortSignal) => Promise<void>;

export const lookMs = 10_000;

/** @returns what was found within the time; something that is dead is named, not waited for */
export async function look(area: string, ask: Look, withinMs = lookMs): Promise<Finding[]> {
  const findings: Finding[] = [];
  const find = (level: Finding["level"]) => (what: string) => void findings.push({ area, level, what });
  const tell = { fine: find("fine"), hint: find("hint"), wrong: find("wrong") };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), withinMs);
  const tooLate = new Promise<never>((_, reject) => {
    late.signal.addEventListener("abort", () => reject(new Error(`no answer within ${withinMs / 1_000} s`)));
  });
  try {
    await Promise.race([ask(tell, late.signal), tooLate]);
  } catch (error) {
    tell.wrong(reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
  return findings;
}

/** The innermost reason there is: what wraps it says only that something failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner =
    "sourceError" in error ? error.sourceError : error instanceof AggregateError ? error.errors[0] : error.cause;
  if (inner instanceof Error) return reasonOf(inner);
  const [line = ""] = error.message.split("\n");
  return line || error.name;
}

/** Whatever it is that repeats a secret: it does not get out. */
export function redacted(findings: Finding[], secrets: readonly string[]): Finding[] {
  const hidden = secrets.filter((secret) => secret.length >= 4);
  return findings.map(({ what, ...finding }) => ({
    ...finding,
    what: hidden.reduce((text, secret) => text.replaceAll(secret, "..."), what),
  }));
}
