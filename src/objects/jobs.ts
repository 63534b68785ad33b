/**
 * Works off what a user's object has promised to tell conversations: so many a run, at-least-once, over sleep and death.
 * One that does not answer is called again later and holds up no other.
 */
import { backoffMs } from "../core/backoff.ts";
import { describeError, type LogLevel, log } from "../log.ts";
import { limits } from "../protocol/limits.ts";
import type { ConversationRpc } from "../protocol/rpc.ts";
import type { Call, InboxJobs, Job, JobName } from "./inbox-jobs.ts";
import { inTime } from "./patience.ts";

/** Makes one call. @returns how far it got; null: all is done */
export type Tell = (conversation: DurableObjectStub<ConversationRpc>, call: Call) => Promise<number | null>;

export interface Work {
  /** What comes before a round. @returns the conversations to tell */
  begin(job: Job): Promise<string[]>;
  /** Asked once a run: what there is to tell is read anew. */
  telling(job: Job): Promise<Tell>;
  /** All were told. @returns when another round begins, ms; undefined: the job is over */
  after(job: Job, listedAt: number): Promise<number | undefined>;
  /** The longest wait between two tries, where it is not the usual one. */
  restMs?: number;
}

export interface JobsParts {
  inbox: InboxJobs;
  conversations: DurableObjectNamespace<ConversationRpc>;
  works: Record<JobName, Work>;
  runWithin(ms: number): void;
}

export class Jobs {
  readonly #parts: JobsParts;
  /** Each by itself: what hangs in one holds up no other. */
  readonly #running = new Map<JobName, Promise<void>>();

  constructor(parts: JobsParts) {
    this.#parts = parts;
  }

  /** Asks for the next run, if there is anything to do. */
  schedule(): void {
    const { inbox } = this.#parts;
    const due = this.#idle().map((job) => inbox.dueAt(job));
    if (due.length > 0) this.#parts.runWithin(Math.max(limits.jobSoonMs, Math.min(...due) - Date.now()));
  }

  #idle(): Job[] {
    return this.#parts.inbox.all().filter(({ name }) => !this.#running.has(name));
  }

  /** One run of each job that is due; one under way asks for the next itself. */
  async run(): Promise<void> {
    const now = Date.now();
    const due = this.#idle().filter((job) => this.#parts.inbox.dueAt(job) <= now);
    await Promise.all(due.map((job) => this.#run(job)));
    this.schedule();
  }

  /** The list of a job and its first calls at once, after what is under way of it; the rest is left to its runs. */
  async first(name: JobName): Promise<void> {
    await this.#running.get(name);
    for (let step = 0; step < 2; step++) {
      const job = this.#idle().find((idle) => idle.name === name);
      if (job) await this.#run(job);
    }
  }

  async #run(job: Job): Promise<void> {
    const run = this.#advance(job);
    this.#running.set(job.name, run);
    try {
      await run;
    } finally {
      this.#running.delete(job.name);
      this.schedule();
    }
  }

  async #advance(job: Job): Promise<void> {
    const { inbox, works } = this.#parts;
    try {
      if (job.listed_at === null) return await this.#begin(job);
      const calls = inbox.calls(job, Date.now(), limits.jobCalls);
      if (calls.length > 0) return await this.#tell(job, calls);
      if (inbox.hasCalls(job)) return;
      const next = await works[job.name].after(job, job.listed_at);
      if (!this.#isCurrent(job)) return;
      if (next === undefined) inbox.end(job.name);
      else inbox.nextRound(job, next);
    } catch (error) {
      const attempt = job.attempts + 1;
      log(levelOf(attempt), "job_failed", { job: job.name, attempt, ...describeError(error) });
      if (this.#isCurrent(job)) inbox.postpone(job, this.#nextTry(job, attempt, limits.jobRestMs));
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
    const { conversation_id } = call;
    try {
      const stub = conversations.get(conversations.idFromName(conversation_id));
      const after = await inTime(limits.jobCallMs, tell(stub, call));
      if (this.#isCurrent(job)) inbox.called(job, conversation_id, after);
    } catch (error) {
      const attempt = call.attempts + 1;
      log(levelOf(attempt), "job_call_failed", { job: job.name, conversation_id, attempt, ...describeError(error) });
      if (this.#isCurrent(job)) inbox.failed(job, conversation_id, this.#nextTry(job, attempt, limits.callRestMs));
    }
  }

  #nextTry({ name }: Job, attempt: number, usualRestMs: number): number {
    return Date.now() + backoffMs(attempt, Math.random(), this.#parts.works[name].restMs ?? usualRestMs);
  }
}

/** One that fails again and again is somebody's to look at. */
function levelOf(attempt: number): LogLevel {
  return attempt < limits.jobTroubles ? "warn" : "error";
}
