/**
 * Walks through little-endian octets and never beyond them. What is missing reads as zero (or as
 * nothing) and sets `overrun` for good, so that a whole structure can be read first and judged once.
 * A loop over a count that came from the octets must look at `overrun` in every round.
 */
export class OctetCursor {
  readonly octets: Uint8Array;
  readonly #view: DataView;
  #offset = 0;
  #overrun = false;

  constructor(octets: Uint8Array) {
    this.octets = octets;
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.octets.length - this.#offset;
  }

  /** Whether anything was asked for that is not there. */
  get overrun(): boolean {
    return this.#overrun;
  }

  uint8(): number {
    const at = this.#advance(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  uint16(): number {
    const at = this.#advance(2);
    return at < 0 ? 0 : this.#view.getUint16(at, true);
  }

  int32(): number {
    const at = this.#advance(4);
    return at < 0 ? 0 : this.#view.getInt32(at, true);
  }

  uint32(): number {
    const at = this.#advance(4);
    return at < 0 ? 0 : this.#view.getUint32(at, true);
  }

  /** The next octets, not copied. */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return at < 0 ? this.octets.subarray(0, 0) : this.octets.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  #advance(length: number): number {
    if (length > this.remaining) {
      this.#overrun = true;
      this.#offset = this.octets.length;
      return -1;
    }
    const at = this.#offset;
    this.#offset += length;
    return at;
  }
}
