import { type Watching, watchFolder } from "./folder-watch.ts";

/** A burst of hints of the watcher is answered once, this long after its first. */
const HINT_DELAY_MS = 20;

/** More files than this at once, and listing the folders is faster than looking at each. */
const MAX_FILES = 64;

/** Which files something happened to; undefined for all, or nobody knows which. */
export type Hint = ReadonlySet<string> | undefined;

/** Gathers what the watcher says about a mailbox's folder, and what we did there ourselves. */
export class HintCollector {
  readonly #onHint: (hint: Hint) => void;
  readonly #folder: string;
  #watching: Watching | undefined;
  #files = new Set<string>();
  #isVague = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string, onHint: (hint: Hint) => void) {
    this.#folder = folder;
    this.#onHint = onHint;
  }

  /** Begins to watch the folder, if nobody did yet. */
  watch(): void {
    this.#watching ??= watchFolder(this.#folder, (path) => this.#add(path, HINT_DELAY_MS));
  }

  /** For a file that we put there: answered without delay, and once for all of this turn of the event loop. */
  add(path: string): void {
    this.#add(path, 0);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watching?.stop();
  }

  #add(path: string | undefined, delayMs: number): void {
    if (path === undefined) this.#isVague = true;
    else if (this.#files.size <= MAX_FILES) this.#files.add(path);
    if (this.#timer !== undefined && delayMs > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pass(), delayMs).unref();
  }

  #pass(): void {
    const hint = this.#isVague || this.#files.size > MAX_FILES ? undefined : this.#files;
    this.#files = new Set();
    this.#isVague = false;
    this.#timer = undefined;
    this.#onHint(hint);
  }
}
