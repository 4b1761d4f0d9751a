import { fromOctetString, type OctetString, toOctetString } from "./octet-string.ts";

/** Undoes a Content-Transfer-Encoding piece by piece (RFC 2045 §6). */
export interface TransferDecoder {
  /** The octets that are certain so far; the argument is not kept. */
  push(octets: Uint8Array): Uint8Array;
  /** What was still held back. */
  end(): Uint8Array;
}

const NOTHING = new Uint8Array(0);

const UNENCODED: TransferDecoder = { push: (octets) => octets, end: () => NOTHING };

/** A decoder for the encoding of that name, or undefined when nobody knows such an encoding. */
export function createTransferDecoder(encoding: string): TransferDecoder | undefined {
  switch (encoding.toLowerCase()) {
    case "7bit":
    case "8bit":
    case "binary":
      return UNENCODED;
    case "base64":
      return new Base64Decoder();
    case "quoted-printable":
      return new QuotedPrintableDecoder();
    default:
      return undefined;
  }
}

/** The octets without the transfer encoding of that name, or undefined when nobody knows such an encoding. */
export function decodeTransfer(octets: OctetString, encoding: string): OctetString | undefined {
  const decoder = createTransferDecoder(encoding);
  if (decoder === undefined || decoder === UNENCODED) return decoder && octets;
  return toOctetString(decoder.push(fromOctetString(octets))) + toOctetString(decoder.end());
}

/** The six bits of each base64 character (RFC 2045 §6.8), 255 for every other octet. */
const BASE64_BITS = new Uint8Array(256).fill(255);
for (const [bits, character] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
].entries()) {
  BASE64_BITS[character.charCodeAt(0)] = bits;
}

/**
 * Octets outside the alphabet are passed over, as RFC 2045 §6.8 says; so is the padding, since some
 * senders go on after it (two encodings one after the other). Left-over bits are dropped.
 */
class Base64Decoder implements TransferDecoder {
  #bits = 0;
  #bitCount = 0;

  push(octets: Uint8Array): Uint8Array {
    const decoded = new Uint8Array(Math.ceil((octets.length * 3) / 4) + 1);
    let length = 0;
    for (const octet of octets) {
      const bits = BASE64_BITS[octet] ?? 255;
      if (bits === 255) {
        if (octet === EQUALS_SIGN) this.#bitCount = 0;
        continue;
      }
      this.#bits = ((this.#bits << 6) | bits) & 0xffffff;
      this.#bitCount += 6;
      if (this.#bitCount >= 8) {
        this.#bitCount -= 8;
        decoded[length++] = (this.#bits >> this.#bitCount) & 0xff;
      }
    }
    return decoded.subarray(0, length);
  }

  end(): Uint8Array {
    return NOTHING;
  }
}

const EQUALS_SIGN = 0x3d;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Of a run that may turn out to be white space at the end of a line no more is held back than a line may have. */
const MAX_HELD_OCTETS = 1000;

/**
 * White space before a line end was added on the way and is dropped, an equals sign there takes the
 * line end away with it, and one that encodes nothing stands for itself (RFC 2045 §6.7).
 */
class QuotedPrintableDecoder implements TransferDecoder {
  /** White space, or an equals sign and what followed it, of which it is not yet known what it means. */
  #held: number[] = [];
  #decoded: Uint8Array = new Uint8Array(0);
  #length = 0;

  push(octets: Uint8Array): Uint8Array {
    this.#decoded = new Uint8Array(octets.length + this.#held.length);
    this.#length = 0;
    for (const octet of octets) this.#take(octet);
    return this.#decoded.subarray(0, this.#length);
  }

  end(): Uint8Array {
    this.#decoded = new Uint8Array(this.#held.length);
    this.#length = 0;
    const isSoftBreak = this.#held[0] === EQUALS_SIGN && this.#held.every(isBlankOrEquals);
    if (!isSoftBreak) this.#emitHeld();
    return this.#decoded.subarray(0, this.#length);
  }

  #take(octet: number): void {
    if (octet === NEWLINE) this.#endLine();
    else if (isBlank(octet) && this.#held.length < MAX_HELD_OCTETS) this.#held.push(octet);
    else if (octet === EQUALS_SIGN) {
      this.#emitHeld();
      this.#held.push(octet);
    } else if (this.#held[0] === EQUALS_SIGN && this.#held.length === 1 && hexDigit(octet) !== undefined) {
      this.#held.push(octet);
    } else if (this.#held[0] === EQUALS_SIGN && this.#held.length === 2 && hexDigit(octet) !== undefined) {
      this.#takeEscaped(octet);
    } else {
      this.#emitHeld();
      this.#emit(octet);
    }
  }

  #takeEscaped(octet: number): void {
    const high = hexDigit(this.#held[1]);
    if (high !== undefined) {
      this.#held = [];
      this.#emit(high * 16 + (hexDigit(octet) ?? 0));
    } else {
      this.#emitHeld();
      this.#emit(octet);
    }
  }

  #endLine(): void {
    const hasReturn = this.#held.at(-1) === RETURN;
    const isSoftBreak = this.#held[0] === EQUALS_SIGN && this.#held.every(isBlankOrEquals);
    if (isSoftBreak) this.#held = [];
    else {
      while (isBlank(this.#held.at(-1))) this.#held.pop();
      this.#emitHeld();
      if (hasReturn) this.#emit(RETURN);
      this.#emit(NEWLINE);
    }
  }

  #emitHeld(): void {
    for (const octet of this.#held) this.#emit(octet);
    this.#held = [];
  }

  #emit(octet: number): void {
    this.#decoded[this.#length++] = octet;
  }
}

function isBlank(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x09 || octet === RETURN;
}

function isBlankOrEquals(octet: number, index: number): boolean {
  return index === 0 ? octet === EQUALS_SIGN : isBlank(octet);
}

/** The value of a hex digit; lower case is not allowed but written by some (RFC 2045 §6.7). */
function hexDigit(octet: number | undefined): number | undefined {
  if (octet === undefined) return undefined;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const upper = octet & 0xdf;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : undefined;
}
