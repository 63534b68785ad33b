/**
 * Works off what a user's object has promised to tell conversations: so many a run, at-least-once, over sleep and death.
 * One that does not answer is called again later and holds up no other.
 */
import { backoffMs } from "../core/backoff.ts";
import { describeError, log } from "../log.ts";
import { limits } from "../protocol/limits.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import type { Call, InboxJobs, Job, JobName } from "./inbox-jobs.ts";
import { inTime } from "./patience.ts";

/** Tells one conversation. @returns how far it got; null: all is done */
export type Tell = (conversation: DurableObjectStub<ConversationRpc>, after: number) => Promise<number | null>;

export interface Work {
  /** What comes before a round. @returns the conversations to tell */
  begin(job: Job): Promise<string[]>;
  /** Asked once a run: what there is to tell is read anew. */
  telling(job: Job): Promise<Tell>;
  /** All were told. @returns when another round begins, ms; undefined: the job is over */
  after(job: Job): Promise<number | undefined>;
}

export interface JobsParts {
  inbox: InboxJobs;
  conversations: DurableObjectNamespace<ConversationRpc>;
  works: Record<JobName, Work>;
  runWithin(ms: number): void;
}

export class Jobs {
  readonly #parts: JobsParts;
  /** In the order in which they are worked off. */
  readonly #names: readonly JobName[] = ["forget", "facts"];
  #isRunning = false;

  constructor(parts: JobsParts) {
    this.#parts = parts;
  }

  /** Asks for the next run, if there is anything to do. */
  schedule(): void {
    const { inbox } = this.#parts;
    const due = this.#jobs().map((job) => inbox.dueAt(job));
    if (due.length > 0) this.#parts.runWithin(Math.max(limits.jobSoonMs, Math.min(...due) - Date.now()));
  }

  #jobs(): Job[] {
    return this.#names.flatMap((name) => this.#parts.inbox.find(name) ?? []);
  }

  /** One run; the one under way asks for the next itself. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (const job of this.#jobs()) if (this.#parts.inbox.dueAt(job) <= Date.now()) await this.#advance(job);
    } finally {
      this.#isRunning = false;
      this.schedule();
    }
  }

  async #advance(job: Job): Promise<void> {
    const { inbox, works } = this.#parts;
    try {
      if (!job.is_listed) return await this.#begin(job);
      const calls = inbox.calls(job, Date.now(), limits.jobCalls);
      if (calls.length > 0) return await this.#tell(job, calls);
      if (inbox.hasCalls(job)) return;
      const next = await works[job.name].after(job);
      if (!this.#isCurrent(job)) return;
      if (next === undefined) inbox.end(job.name);
      else inbox.nextRound(job, next);
    } catch (error) {
      log("warn", "job_failed", { job: job.name, attempt: job.attempts + 1, ...describeError(error) });
      if (this.#isCurrent(job)) inbox.postpone(job, Date.now() + backoffMs(job.attempts + 1, Math.random()));
    }
  }

  /** It may have begun anew, or be over, while something was awaited. */
  #isCurrent(job: Job): boolean {
    return this.#parts.inbox.find(job.name)?.generation === job.generation;
  }

  async #begin(job: Job): Promise<void> {
    const { inbox, works } = this.#parts;
    const conversations = await works[job.name].begin(job);
    if (this.#isCurrent(job)) inbox.list(job, conversations, Date.now());
  }

  async #tell(job: Job, calls: Call[]): Promise<void> {
    const tell = await this.#parts.works[job.name].telling(job);
    const waiting = [...calls];
    const worker = async () => {
      for (let call = waiting.shift(); call && this.#isCurrent(job); call = waiting.shift()) {
        await this.#call(job, call, tell);
      }
    };
    await Promise.all(Array.from({ length: limits.jobCallsAtOnce }, worker));
  }

  async #call(job: Job, call: Call, tell: Tell): Promise<void> {
    const { inbox, conversations } = this.#parts;
    const { conversation_id, attempts } = call;
    try {
      const stub = conversations.get(conversations.idFromName(conversation_id));
      const after = await inTime(limits.jobCallMs, tell(stub, call.after));
      if (this.#isCurrent(job)) inbox.called(job, conversation_id, after);
    } catch (error) {
      log("warn", "job_call_failed", { job: job.name, conversation_id, attempts, ...describeError(error) });
      const dueAt = Date.now() + backoffMs(attempts + 1, Math.random());
      if (this.#isCurrent(job)) inbox.failed(job, conversation_id, dueAt);
    }
  }
}
