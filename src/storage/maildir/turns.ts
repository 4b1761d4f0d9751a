/**
 * Lets one task at a time do something, in the order in which they asked. A task that fails does not stop
 * the next.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  take<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => {
      if (this.#isClosed) throw new Error("Cannot use a mailbox: the Maildir is closed");
      return task();
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** From now on nobody has a turn, whoever asked before. */
  close(): void {
    this.#isClosed = true;
  }
}
