/** A line for whoever sits at the terminal. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** An event of the launcher, in the form of the Worker's own log lines. */
export function report(
  level: "info" | "warn" | "error",
  event: string,
  fields: Record<string, string | number> = {},
): void {
  say(JSON.stringify({ time: new Date().toISOString(), level, event, ...fields }));
}

/** A reason not to go on that the reader can act on: printed as one line, without a stack. */
export class Refusal extends Error {
  override name = "Refusal";
}

/** Runs a command; a {@link Refusal} becomes its one line on stderr and exit code 1. */
export async function main(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.stderr.write(`pingme: ${error instanceof Refusal ? error.message : (error as Error).stack}\n`);
    process.exit(1);
  }
}
