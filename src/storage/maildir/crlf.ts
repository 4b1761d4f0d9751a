import { Buffer } from "node:buffer";
import type { MessageSize } from "./message-name.ts";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Octets with every line ended by CRLF, as IMAP shows messages (RFC 9051 §4.3), from files in which mutt,
 * procmail or Dovecot ended them with LF alone. Chunks may be cut anywhere.
 */
export class CrlfCounter {
  #octets = 0;
  #bareLineFeeds = 0;
  #last = 0;

  push(chunk: Uint8Array): void {
    this.#bareLineFeeds += countBareLineFeeds(chunk, this.#last);
    this.#octets += chunk.length;
    this.#last = chunk.at(-1) ?? this.#last;
  }

  /** Of what was pushed so far. */
  get size(): MessageSize {
    return { octets: this.#octets, crlfOctets: this.#octets + this.#bareLineFeeds };
  }
}

function countBareLineFeeds(chunk: Uint8Array, before: number): number {
  // Every message passes here: looking for line ends in a string takes a tenth of looking at each octet.
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    if ((at === 0 ? before : text.charCodeAt(at - 1)) !== CR) count += 1;
  }
  return count;
}

/** The same octets with a CR put before every LF that has none. */
export async function* withCrlf(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last = 0;
  for await (const chunk of octets) {
    yield endLinesWithCrlf(chunk, last);
    last = chunk.at(-1) ?? last;
  }
}

/** The same of one chunk; `before` is the octet in front of it. */
export function endLinesWithCrlf(chunk: Uint8Array, before: number): Uint8Array {
  const missing = countBareLineFeeds(chunk, before);
  if (missing === 0) return chunk;
  const ended = new Uint8Array(chunk.length + missing);
  let last = before;
  let to = 0;
  for (let at = 0; at < chunk.length; at++) {
    const octet = chunk[at] ?? 0;
    if (octet === LF && last !== CR) ended[to++] = CR;
    ended[to++] = octet;
    last = octet;
  }
  return ended;
}
