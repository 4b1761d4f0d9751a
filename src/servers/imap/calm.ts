import { setImmediate as nextTurn } from "node:timers/promises";

/** A command may wait for its client, even for ever: what can wait for commands goes on slowly then. */
const LONGEST_MS = 100;

/** Whether commands are being carried out, of any client: what can wait does so until none is. */
export class Calm {
  #commands = 0;
  #waiting: (() => void)[] = [];

  /** A command has begun. */
  begin(): void {
    this.#commands += 1;
  }

  /** It has ended, or only waits for something to happen. */
  end(): void {
    this.#commands -= 1;
    setImmediate(() => this.#goOn()); // its answer is sent first
  }

  /** Resolves when no command is being carried out, not even one that has just come, or after a tenth of a second. */
  async come(): Promise<void> {
    await nextTurn();
    if (this.#commands === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(resolve, LONGEST_MS).unref();
    });
  }

  #goOn(): void {
    if (this.#commands === 0) for (const goOn of this.#waiting.splice(0)) goOn();
  }
}
