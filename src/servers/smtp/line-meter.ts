const LF = 0x0a;

/** Measures the lines of a message that comes in pieces. */
export class LineMeter {
  #longest = 0;
  #current = 0;

  /** Octets of the longest line so far, with its line end. */
  get longest(): number {
    return Math.max(this.#longest, this.#current);
  }

  push(octets: Uint8Array): void {
    let from = 0;
    for (let end = octets.indexOf(LF); end >= 0; end = octets.indexOf(LF, from)) {
      this.#longest = Math.max(this.#longest, this.#current + end + 1 - from);
      this.#current = 0;
      from = end + 1;
    }
    this.#current += octets.length - from;
  }
}
