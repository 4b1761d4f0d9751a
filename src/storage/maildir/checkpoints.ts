import { Worker } from "node:worker_threads";

/** So many messages, some megabytes of them, are worth a checkpoint when nothing more is written. */
const WORTHWHILE = 1000;

/** So many are too many to wait for that. */
const TOO_MANY = 30_000;

/** Nothing more is written when nothing was for this long. */
const QUIET_MS = 1000;

/**
 * Has the write-ahead log of an SQLite database brought home now and then, by a thread that comes and goes: it waits
 * for the disk, a tenth of a second for ten thousand messages, and SQLite would have everybody wait who happens to
 * write just then.
 */
export class Checkpoints {
  readonly #path: string;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** So many messages were written. */
  count(messages: number): void {
    this.#count += messages;
    if (this.#count < WORTHWHILE || this.#worker !== undefined) return;
    clearTimeout(this.#timer);
    if (this.#count >= TOO_MANY) this.#begin();
    else this.#timer = setTimeout(() => this.#begin(), QUIET_MS).unref();
  }

  /** None begins any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#count = Number.NEGATIVE_INFINITY;
  }

  #begin(): void {
    this.#count = 0;
    const script = new URL("./checkpoint-worker.ts", import.meta.url);
    this.#worker = new Worker(script, { workerData: this.#path });
    this.#worker.unref();
    this.#worker.on("error", () => {}); // the next one, or SQLite itself, does what this one did not
    this.#worker.on("exit", () => {
      this.#worker = undefined;
      this.count(0);
    });
  }
}
