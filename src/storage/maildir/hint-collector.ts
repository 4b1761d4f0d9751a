import { isList, type Watching, watchFolder } from "./folder-watch.ts";

/** A burst of hints of the watcher is answered once, this long after its first. */
const HINT_DELAY_MS = 20;

/** So many files are remembered. */
const MAX_FILES = 10_000;

/** What may have changed in a mailbox's folder. */
export interface Hint {
  /** Files in `new` and `cur` that something happened to; none when it was only to the lists beside them. */
  readonly files: ReadonlySet<string>;
  /** There were more files than are remembered. */
  readonly isFull: boolean;
  /** Something else happened. */
  readonly isVague: boolean;
}

/** Gathers what the watcher says about a mailbox's folder, and what we did there ourselves. */
export class HintCollector {
  readonly #folder: string;
  readonly #onHint: () => void;
  #watching: Watching | undefined;
  #files = new Set<string>();
  #isAboutLists = false;
  #isVague = false;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = 0;

  /** `onHint` is called when there is something to take. */
  constructor(folder: string, onHint: () => void) {
    this.#folder = folder;
    this.#onHint = onHint;
  }

  /** Begins to watch the folder, if nobody did yet. That something happened before is the first hint. */
  watch(): void {
    if (this.#watching !== undefined) return;
    this.#watching = watchFolder(this.#folder, (path) => this.#add(path, HINT_DELAY_MS));
    this.#add(undefined, 0);
  }

  /** Whether what other programs do is hinted at. */
  get isWatching(): boolean {
    return this.#watching !== undefined;
  }

  /** For a file that we put there: answered without delay, and once for all of this turn of the event loop. */
  add(path: string): void {
    this.#add(path, 0);
  }

  /** Takes what was gathered; undefined when that is nothing. */
  take(): Hint | undefined {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#files.size === 0 && !this.#isAboutLists && !this.#isVague) return undefined;
    const hint = { files: this.#files, isFull: this.#files.size > MAX_FILES, isVague: this.#isVague };
    this.#files = new Set();
    this.#isAboutLists = false;
    this.#isVague = false;
    return hint;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watching?.stop();
  }

  #add(path: string | undefined, delayMs: number): void {
    if (path === undefined) this.#isVague = true;
    else if (isList(path)) this.#isAboutLists = true;
    else if (this.#files.size <= MAX_FILES) this.#files.add(path);
    // An earlier call is not put off, however many follow.
    if (this.#timer !== undefined && delayMs >= this.#delayMs) return;
    clearTimeout(this.#timer);
    this.#delayMs = delayMs;
    this.#timer = setTimeout(this.#onHint, delayMs).unref();
  }
}
