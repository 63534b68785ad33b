/** The stubs of other objects, one for each: calls are in order per stub only. */
import { limits } from "../protocol/limits.ts";

export class Stubs<T extends Rpc.DurableObjectBranded> {
  readonly #objects: DurableObjectNamespace<T>;
  readonly #stubs = new Map<string, DurableObjectStub<T>>();

  constructor(objects: DurableObjectNamespace<T>) {
    this.#objects = objects;
  }

  /** The thousand used last are kept: one with calls on their way is not made anew beside them. */
  of(name: string): DurableObjectStub<T> {
    const stub = this.#stubs.get(name) ?? this.#objects.get(this.#objects.idFromName(name));
    this.#stubs.delete(name);
    this.#stubs.set(name, stub);
    const [oldest] = this.#stubs.keys();
    if (oldest !== undefined && this.#stubs.size > limits.recent) this.#stubs.delete(oldest);
    return stub;
  }

  /** One that has thrown is of no use any more. */
  drop(name: string): void {
    this.#stubs.delete(name);
  }
}
