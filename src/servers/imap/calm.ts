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

  /** Resolves when no command is being carried out. */
  async come(): Promise<void> {
    if (this.#commands > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #goOn(): void {
    if (this.#commands === 0) for (const goOn of this.#waiting.splice(0)) goOn();
  }
}
