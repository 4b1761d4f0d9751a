/** In octets as Latin-1; nothing is known yet of a CR at the end. */
const OFFENCE = /\r(?!\n|$)|(?<!\r)\n|\0/;

/**
 * Looks for what must not be in anything a client sends: CR without LF, LF without CR, NUL
 * (RFC 5321 §2.3.8, §4.1.1.4). Two servers that disagree whether LF.LF ends a message can be made to
 * see a second one, forged, in the first ("SMTP smuggling"); smtp-server is not deceived by it,
 * but what we store is read by programs that may be.
 */
export class LineEndCheck {
  #afterCr = false;

  /**
   * Takes the octets that follow those before, however they were cut, and returns the offset of the
   * first offence, -1 for none. A CR is held against its sender when the octet after it is known.
   */
  push(octets: Uint8Array): number {
    const before = this.#afterCr ? "\r" : "";
    // Every octet of every message passes here: an expression takes a fifth of the time that a loop takes.
    const text = before + Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
    const offence = OFFENCE.exec(text);
    this.#afterCr = text.endsWith("\r");
    if (offence === null) return -1;
    return offence.index + (offence[0] === "\r" ? 1 : 0) - before.length;
  }
}
