const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;

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
    let afterCr = this.#afterCr; // every octet of every message passes here
    for (let offset = 0; offset < octets.length; offset++) {
      const octet = octets[offset];
      if ((octet === LF) !== afterCr || octet === NUL) return offset;
      afterCr = octet === CR;
    }
    this.#afterCr = afterCr;
    return -1;
  }
}
