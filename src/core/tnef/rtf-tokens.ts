/** A piece of RTF (Rich Text Format 1.9.1, "Conventions of an RTF Reader"). */
export type RtfToken =
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  /** `\par`, `\uc1`. */
  | { readonly kind: "word"; readonly word: string; readonly number: number | undefined }
  /** `\*`, `\~`. */
  | { readonly kind: "symbol"; readonly symbol: string }
  /** Characters of the document in the code page of the moment. */
  | { readonly kind: "text"; readonly octets: Uint8Array };

const OPEN = 0x7b;
const CLOSE = 0x7d;
const BACKSLASH = 0x5c;
const QUOTE = 0x27;
const MINUS = 0x2d;
const BLANK = 0x20;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

const MAX_WORD_LETTERS = 32;
const MAX_NUMBER_DIGITS = 10;

/** Cuts RTF into its tokens. Any octets are RTF of some sort; there is nothing to fail. */
export function* readRtfTokens(octets: Uint8Array): Generator<RtfToken> {
  let at = 0;
  while (at < octets.length) {
    const octet = octets[at] ?? 0;
    if (octet === OPEN || octet === CLOSE) {
      yield { kind: octet === OPEN ? "open" : "close" };
      at++;
    } else if (octet === LINE_FEED || octet === CARRIAGE_RETURN) {
      at++; // the line ends of the file mean nothing
    } else if (octet !== BACKSLASH) {
      const end = endOfRun(octets, at);
      yield { kind: "text", octets: octets.subarray(at, end) };
      at = end;
    } else if (isLetter(octets[at + 1])) {
      const { token, end } = readWord(octets, at + 1);
      yield token;
      // What \bin announces is data, whatever it looks like.
      at = token.word === "bin" ? end + Math.max(0, token.number ?? 0) : end;
    } else {
      yield readSymbol(octets, at + 1);
      at += octets[at + 1] === QUOTE ? 4 : 2;
    }
  }
}

function endOfRun(octets: Uint8Array, start: number): number {
  let end = start;
  while (end < octets.length && !isSpecial(octets[end] ?? 0)) end++;
  return end;
}

function isSpecial(octet: number): boolean {
  return (
    octet === BACKSLASH ||
    octet === OPEN ||
    octet === CLOSE ||
    octet === LINE_FEED ||
    octet === CARRIAGE_RETURN
  );
}

function readWord(octets: Uint8Array, start: number): { token: RtfToken & { kind: "word" }; end: number } {
  let end = start;
  while (isLetter(octets[end])) end++;
  const word = latin(octets.subarray(start, Math.min(end, start + MAX_WORD_LETTERS)));
  const digits = octets[end] === MINUS ? end + 1 : end;
  let afterDigits = digits;
  while (isDigit(octets[afterDigits]) && afterDigits - digits < MAX_NUMBER_DIGITS) afterDigits++;
  let number: number | undefined;
  if (afterDigits > digits) {
    number = Number(latin(octets.subarray(end, afterDigits)));
    end = afterDigits;
  }
  if (octets[end] === BLANK) end++; // the blank that ends a control word belongs to it
  return { token: { kind: "word", word, number }, end };
}

function readSymbol(octets: Uint8Array, at: number): RtfToken {
  const octet = octets[at] ?? 0;
  if (octet === QUOTE) return { kind: "text", octets: Uint8Array.of(hexOctet(octets, at + 1)) };
  if (octet === BACKSLASH || octet === OPEN || octet === CLOSE) {
    return { kind: "text", octets: octets.subarray(at, at + 1) };
  }
  return { kind: "symbol", symbol: String.fromCharCode(octet) };
}

const QUESTION_MARK = 0x3f;

function hexOctet(octets: Uint8Array, at: number): number {
  const digits = latin(octets.subarray(at, at + 2));
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : QUESTION_MARK;
}

function latin(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}

function isLetter(octet: number | undefined): boolean {
  return octet !== undefined && ((octet >= 0x61 && octet <= 0x7a) || (octet >= 0x41 && octet <= 0x5a));
}

function isDigit(octet: number | undefined): boolean {
  return octet !== undefined && octet >= 0x30 && octet <= 0x39;
}
