const LF = 0x0a;

/** Finds out whether a message that comes in pieces has a line of more octets, its line end included. */
export class LineLimit {
  readonly #octets: number;
  /** Of the line that has not ended. */
  #current = 0;
  #isExceeded = false;

  constructor(octets: number) {
    this.#octets = octets;
  }

  get isExceeded(): boolean {
    return this.#isExceeded || this.#current > this.#octets;
  }

  push(octets: Uint8Array): void {
    const piece = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    // No line within it can be too long, as a rule: then only its end matters.
    let from = this.#current + piece.length <= this.#octets ? piece.lastIndexOf(LF) + 1 : 0;
    if (from > 0) this.#current = 0;
    else from = this.#passLines(piece);
    this.#current += piece.length - from;
  }

  /** Returns where the last line begins. */
  #passLines(piece: Buffer): number {
    let from = 0;
    for (let end = piece.indexOf(LF); end >= 0; end = piece.indexOf(LF, from)) {
      this.#isExceeded ||= this.#current + end + 1 - from > this.#octets;
      this.#current = 0;
      from = end + 1;
    }
    return from;
  }
}
