/** The clients' own process: what they cost must not be taken from the server, nor from who measures. */
import { type ChildProcess, fork } from "node:child_process";
import { type Flood, type FloodResult, flood, type Stream, type StreamResult, stream } from "./floods.ts";

type Task = Flood | Stream;
type Told = { ok: true; value: FloodResult | StreamResult } | { ok: false; message: string };

export class Crowd {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(import.meta.filename, ["work"]);
  }

  async #run(task: Task): Promise<FloodResult | StreamResult> {
    const told = new Promise<Told>((resolve, reject) => {
      this.#child.once("message", resolve as (message: unknown) => void);
      this.#child.once("exit", () => reject(new Error("The clients' process ended")));
    });
    this.#child.send(task);
    const result = await told;
    this.#child.removeAllListeners("exit");
    if (!result.ok) throw new Error(result.message);
    return result.value;
  }

  flood(task: Omit<Flood, "kind">): Promise<FloodResult> {
    return this.#run({ kind: "flood", ...task }) as Promise<FloodResult>;
  }

  stream(task: Omit<Stream, "kind">): Promise<StreamResult> {
    return this.#run({ kind: "stream", ...task }) as Promise<StreamResult>;
  }

  end(): void {
    this.#child.kill();
  }
}

if (process.argv[2] === "work") {
  process.on("message", async (task: Task) => {
    const told: Told = await (task.kind === "flood" ? flood(task) : stream(task)).then(
      (value) => ({ ok: true, value }),
      (error: Error) => ({ ok: false, message: error.message }),
    );
    process.send?.(told);
  });
  process.on("disconnect", () => process.exit());
}
