import type { OctetString } from "../../core/mime/mime.ts";
import type { Transport } from "./transport.ts";

/** So many octets are collected before they are sent; more makes nothing faster. */
const CHUNK_OCTETS = 64 * 1024;

/** Collects answers and sends them in chunks that the client has to take before the next is made. */
export class ResponseWriter {
  readonly #transport: Transport;
  #pieces: (OctetString | Uint8Array)[] = [];
  /** What comes behind the pieces: texts are short and many, and are written in one go. */
  #text: OctetString = "";
  #length = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Whether so much has come together that it is worth sending: time for who adds in a loop to `flush`. */
  get isFull(): boolean {
    return this.#length >= CHUNK_OCTETS;
  }

  /** Adds to what is to be sent. */
  write(text: OctetString): void {
    this.#text += text;
    this.#length += text.length;
  }

  /** Adds an untagged answer: `* ` and the line end are put around it. */
  untagged(text: OctetString): void {
    this.write(`* ${text}\r\n`);
  }

  /** Adds octets, which must not change any more, and sends if it is worth it. */
  async writeOctets(octets: Uint8Array): Promise<void> {
    this.#pieces.push(this.#text, octets);
    this.#text = "";
    this.#length += octets.length;
    if (this.isFull) await this.flush();
  }

  /** Sends everything and waits until the system took it. Rejects when the client is gone. */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const octets = Buffer.allocUnsafe(this.#length);
    let at = 0;
    for (const piece of [...this.#pieces, this.#text]) {
      if (typeof piece === "string") octets.write(piece, at, "latin1");
      else octets.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#text = "";
    this.#length = 0;
    await this.#transport.write(octets);
  }
}
