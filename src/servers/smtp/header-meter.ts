const CR = 0x0d;
const LF = 0x0a;
const FIELD = Buffer.from("received:");

/** Measures the header of a message that comes in pieces, whose lines end in CRLF. */
export class HeaderMeter {
  #hops = 0;
  #octets = 0;
  #column = 0;
  #isField = true;
  #isHeader = true;

  /** `Received` fields so far. */
  get hops(): number {
    return this.#hops;
  }

  /** Size so far, with the empty line at its end. */
  get octets(): number {
    return this.#octets;
  }

  push(octets: Uint8Array): void {
    for (let at = 0; this.#isHeader && at < octets.length; at++) this.#take(octets[at] ?? 0);
  }

  #take(octet: number): void {
    this.#octets++;
    if (octet === CR) return;
    if (octet === LF) {
      this.#isHeader = this.#column > 0; // an empty line ends it
      this.#column = 0;
      this.#isField = true;
      return;
    }
    const letter = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
    if (this.#isField && this.#column < FIELD.length) this.#isField = letter === FIELD[this.#column];
    if (++this.#column === FIELD.length && this.#isField) this.#hops++;
  }
}
