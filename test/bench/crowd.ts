/** The clients' own process: what they cost must not be taken from the server, nor from who measures. */
import { type ChildProcess, fork } from "node:child_process";
import { type Exchange, type Exchanged, exchange } from "./exchange.ts";
import { type Flood, type FloodResult, flood, type Stream, type StreamResult, stream } from "./floods.ts";

type Task = Flood | Stream | Exchange;
type Value = FloodResult | StreamResult | Exchanged[];
type Told = { ok: true; value: Value } | { ok: false; message: string };

export class Crowd {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(import.meta.filename, ["work"]);
  }

  async #run(task: Task): Promise<Value> {
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

  exchange(task: Omit<Exchange, "kind">): Promise<Exchanged[]> {
    return this.#run({ kind: "exchange", ...task }) as Promise<Exchanged[]>;
  }

  end(): void {
    this.#child.kill();
  }
}

function run(task: Task): Promise<Value> {
  if (task.kind === "exchange") return exchange(task);
  return task.kind === "flood" ? flood(task) : stream(task);
}

if (process.argv[2] === "work") {
  process.on("message", async (task: Task) => {
    const told: Told = await run(task).then(
      (value) => ({ ok: true, value }),
      (error: Error) => ({ ok: false, message: error.message }),
    );
    process.send?.(told);
  });
  process.on("disconnect", () => process.exit());
}
