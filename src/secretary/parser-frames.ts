/**
 * How messages go to the parser process: chunks, each after its length as four octets, big-endian; a chunk
 * without octets ends the message. The first chunk is the request, the others are the message. Streamed,
 * so that a large message is never whole in the server.
 */
const LENGTH_OCTETS = 4;

/** Turns a request and the octets of its message into frames. */
export async function* frameMessage(
  request: Uint8Array,
  octets: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* [lengthOf(request), request];
  for await (const chunk of octets) {
    if (chunk.length > 0) yield* [lengthOf(chunk), chunk];
  }
  yield lengthOf(new Uint8Array());
}

function lengthOf(chunk: Uint8Array): Uint8Array {
  const length = Buffer.alloc(LENGTH_OCTETS);
  length.writeUInt32BE(chunk.length);
  return length;
}

export interface FramedMessage {
  readonly request: Buffer;
  readonly octets: Buffer;
}

/** Puts messages together again from frames that arrive in pieces of any size. */
export class FrameReader {
  #pending: Buffer[] = [];
  #pendingLength = 0;
  #chunks: Buffer[] = [];

  /** @returns the messages that are complete with this piece */
  push(piece: Buffer): FramedMessage[] {
    this.#pending.push(piece);
    this.#pendingLength += piece.length;
    const complete: FramedMessage[] = [];
    while (this.#pendingLength >= LENGTH_OCTETS) {
      const length = this.#peekLength();
      if (this.#pendingLength < LENGTH_OCTETS + length) break;
      this.#take(LENGTH_OCTETS);
      if (length > 0) {
        this.#chunks.push(this.#take(length));
        continue;
      }
      const [request = Buffer.alloc(0), ...message] = this.#chunks;
      complete.push({ request, octets: Buffer.concat(message) });
      this.#chunks = [];
    }
    return complete;
  }

  #peekLength(): number {
    const [first] = this.#pending;
    if (first !== undefined && first.length >= LENGTH_OCTETS) return first.readUInt32BE();
    this.#pending = [Buffer.concat(this.#pending)];
    return this.#pending[0]?.readUInt32BE() ?? 0;
  }

  #take(length: number): Buffer {
    const taken: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const first = this.#pending.shift() ?? Buffer.alloc(0);
      if (first.length > missing) this.#pending.unshift(first.subarray(missing));
      taken.push(first.subarray(0, missing));
      missing -= Math.min(first.length, missing);
    }
    this.#pendingLength -= length;
    return taken.length === 1 ? (taken[0] ?? Buffer.alloc(0)) : Buffer.concat(taken);
  }
}
