const CR = 0x0d;
const LF = 0x0a;
const SP = 0x20;
const TAB = 0x09;

/** A longer field is judged by its beginning. */
const MAX_FIELD_OCTETS = 64 * 1024;

/** Whether a header field, with its folds and line ends, may stay; octets as Latin-1. */
export type KeepField = (field: string) => boolean;

/**
 * Leaves fields out of the header of a message, and passes everything else octet for octet. The body is
 * passed only if `isBodyWanted` says so, which is asked when the header has ended.
 */
export async function* filterHeader(
  octets: AsyncIterable<Uint8Array>,
  keep: KeepField,
  isBodyWanted = () => true,
): AsyncGenerator<Uint8Array> {
  const filter = new HeaderFilter(keep);
  for await (const chunk of octets) {
    const { header, body } = filter.push(chunk);
    const isWanted = body.length > 0 && isBodyWanted();
    yield* together(isWanted ? [...header, body] : header);
    if (body.length > 0 && !isWanted) return;
  }
  yield* together(filter.finish());
}

/** A header comes line by line, and whoever reads it would wait for each of them. */
function together(pieces: Uint8Array[]): Uint8Array[] {
  return pieces.length > 1 ? [Buffer.concat(pieces)] : pieces;
}

/** The same for a message that is pushed in pieces. Its lines end in CRLF. */
export class HeaderFilter {
  readonly #keep: KeepField;
  #isHeader = true;
  #atLineStart = true;
  /** What has come of a field that is not yet judged. */
  #field: Uint8Array[] = [];
  #fieldOctets = 0;
  /** About the rest of a field that has been judged. */
  #verdict: "keep" | "drop" | undefined;

  constructor(keep: KeepField) {
    this.#keep = keep;
  }

  /** Returns what of the header can be passed on, and the octets of the body. */
  push(octets: Uint8Array): { readonly header: Uint8Array[]; readonly body: Uint8Array } {
    const passed: Uint8Array[] = [];
    let from = 0;
    while (this.#isHeader && from < octets.length) {
      const lineEnd = octets.indexOf(LF, from);
      const to = lineEnd < 0 ? octets.length : lineEnd + 1;
      this.#takeLine(octets.subarray(from, to), passed);
      from = to;
    }
    return { header: passed, body: octets.subarray(from) };
  }

  /** Returns what was held back to the end: a header without a body ends in a field. */
  finish(): Uint8Array[] {
    const passed: Uint8Array[] = [];
    this.#endField(passed);
    return passed;
  }

  /** A line, or a piece of one. */
  #takeLine(line: Uint8Array, passed: Uint8Array[]): void {
    const isContinuation = line[0] === SP || line[0] === TAB;
    if (this.#atLineStart && !isContinuation) this.#endField(passed);
    this.#isHeader = !(this.#atLineStart && line[0] === CR); // the empty line
    this.#atLineStart = line.at(-1) === LF;
    if (!this.#isHeader || this.#verdict === "keep") passed.push(line);
    else if (this.#verdict === undefined) {
      this.#field.push(line);
      this.#fieldOctets += line.length;
      if (this.#fieldOctets > MAX_FIELD_OCTETS) this.#judge(passed);
    }
  }

  #endField(passed: Uint8Array[]): void {
    if (this.#verdict === undefined) this.#judge(passed);
    this.#verdict = undefined;
  }

  #judge(passed: Uint8Array[]): void {
    const isKept = this.#field.length === 0 || this.#keep(Buffer.concat(this.#field).toString("latin1"));
    this.#verdict = isKept ? "keep" : "drop";
    if (this.#verdict === "keep") passed.push(...this.#field);
    this.#field = [];
    this.#fieldOctets = 0;
  }
}
