/**
 * How messages go to the parser process: frames, each after its length as four octets, big-endian. The first
 * frame of a message is the request, the others are its octets. Streamed, so that a large message is never
 * whole in the server.
 */
const LENGTH_OCTETS = 4;
const END_LENGTH = 0;
const ABANDON_LENGTH = 0xffff_ffff;

/** After the last frame of a message. */
export const END: Uint8Array = lengthOf(END_LENGTH);

/** Instead of the rest of a message that could not be read to its end. */
export const ABANDON: Uint8Array = lengthOf(ABANDON_LENGTH);

/** @param octets at least one */
export function frameOf(octets: Uint8Array): Uint8Array {
  return Buffer.concat([lengthOf(octets.length), octets]);
}

function lengthOf(octets: number): Buffer {
  const length = Buffer.alloc(LENGTH_OCTETS);
  length.writeUInt32BE(octets);
  return length;
}

export interface FramedMessage {
  readonly request: Buffer;
  readonly octets: Buffer;
}

/** Puts messages together again from frames that arrive in pieces of any size. */
export class FrameReader {
  readonly #length = Buffer.alloc(LENGTH_OCTETS);
  #lengthOctets = 0;
  /** Octets of the frame in hand that are still to come. */
  #missing = 0;
  #pieces: Buffer[] = [];
  #frames: Buffer[] = [];

  /** @returns the messages that are complete with this piece */
  push(piece: Buffer): FramedMessage[] {
    const complete: FramedMessage[] = [];
    let rest = piece;
    while (rest.length > 0) {
      if (this.#missing > 0) {
        rest = this.#takeContent(rest);
        continue;
      }
      const copied = rest.copy(this.#length, this.#lengthOctets);
      this.#lengthOctets += copied;
      rest = rest.subarray(copied);
      if (this.#lengthOctets < LENGTH_OCTETS) break;
      this.#lengthOctets = 0;
      const message = this.#startFrame(this.#length.readUInt32BE());
      if (message !== undefined) complete.push(message);
    }
    return complete;
  }

  /** @returns the message, if this is the end of one */
  #startFrame(length: number): FramedMessage | undefined {
    if (length !== END_LENGTH && length !== ABANDON_LENGTH) {
      this.#missing = length;
      return undefined;
    }
    const [request = Buffer.alloc(0), ...octets] = this.#frames;
    this.#frames = [];
    return length === ABANDON_LENGTH ? undefined : { request, octets: Buffer.concat(octets) };
  }

  /** @returns what does not belong to the frame in hand */
  #takeContent(octets: Buffer): Buffer {
    const taken = octets.subarray(0, this.#missing);
    this.#pieces.push(taken);
    this.#missing -= taken.length;
    if (this.#missing === 0) {
      this.#frames.push(Buffer.concat(this.#pieces));
      this.#pieces = [];
    }
    return octets.subarray(taken.length);
  }
}
