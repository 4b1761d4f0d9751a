import { Worker } from "node:worker_threads";

/** What comes and goes with each request: with V8's own limit, each thread would keep 30 MB for it. */
const YOUNG_MB = 4;

/** A thread that answers requests one after the other. It starts with the first one. */
export class RequestThread<Request, Reply> {
  readonly #script: URL;
  readonly #maxMegabytes: number;
  #worker: Worker | undefined;
  #waiters: ((reply: Reply | undefined) => void)[] = [];

  /** `maxMegabytes` is what the thread's heap may have, far above what it needs. */
  constructor(script: URL, maxMegabytes: number) {
    this.#script = script;
    this.#maxMegabytes = maxMegabytes;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Requests that are not answered yet. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** Resolves with undefined when the thread ended instead of answering. */
  ask(request: Request): Promise<Reply | undefined> {
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(request);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#script, {
      resourceLimits: { maxOldGenerationSizeMb: this.#maxMegabytes, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on("message", (reply: Reply) => {
      this.#waiters.shift()?.(reply);
      if (this.#waiters.length === 0) worker.unref(); // an idle thread keeps no process alive
    });
    worker.on("error", () => {}); // it ends, and that is what counts
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const resolve of this.#waiters.splice(0)) resolve(undefined);
    });
    return worker;
  }
}
