import { Buffer } from "node:buffer";
import {
  type ContentType,
  isMediaType,
  NESTED_MESSAGE,
  PLAIN_TEXT,
  parseContentType,
  readTransferEncoding,
  UNKNOWN_OCTETS,
} from "./content-fields.ts";
import { findField, type HeaderField, parseHeader } from "./header.ts";
import { fromOctetString, type OctetString, toOctetString } from "./octet-string.ts";
import { findParameter } from "./parameters.ts";

/** Octets of the message from `start` up to but not including `end`. */
export interface OctetRange {
  readonly start: number;
  readonly end: number;
}

/** What the header of a part says of its body. */
export interface PartHead {
  readonly fields: readonly HeaderField[];
  readonly contentType: ContentType;
  /** Content-Transfer-Encoding as written. */
  readonly encoding: OctetString;
}

/** Where the octets of a message, or of a part of one, are. */
export interface PartLayout {
  /** The header section with the empty line that ends it. */
  readonly header: OctetRange;
  /** Up to the delimiter; the line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1). */
  readonly body: OctetRange;
  /** Content-Transfer-Encoding as written. */
  readonly encoding: OctetString;
  readonly kind: "leaf" | "multipart" | "message";
  /** The parts of a multipart, at least one; of a message/rfc822 the one message inside; of a leaf none. */
  readonly parts: readonly PartLayout[];
}

/** A message or a part of one: what it is and where its octets are (RFC 2045 §2.4, §2.6). */
export interface Part extends PartHead, PartLayout {
  /** Line ends in the body. */
  readonly bodyLines: number;
  readonly parts: readonly Part[];
}

/** Takes the body of one leaf in pieces: with its transfer encoding, and with the line end before a delimiter. */
export interface LeafReader {
  push(octets: OctetString): void;
  end(): void;
}

export interface MessageParserOptions {
  /** Called when the header of a leaf is complete; what it returns is given the body as it passes by. */
  readonly openLeaf?: (head: PartHead) => LeafReader | undefined;
}

/** Multiparts and messages deeper than this are leaves of unknown type. Real mail stays under ten. */
const MAX_DEPTH = 50;

/** When there are so many, the last one holds the rest: the tree must not outgrow the message. */
const MAX_PARTS = 10_000;

/** Of a longer header the rest is passed over: its range stays right, its fields are not looked at. */
const MAX_HEADER_OCTETS = 256 * 1024;

/** No delimiter is longer than a line may be (RFC 5322 §2.1.1). */
const MAX_DELIMITER_OCTETS = 1000;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const HYPHEN = 0x2d;

/** Parses a whole message. */
export function parseMessage(octets: Uint8Array, options?: MessageParserOptions): Part {
  const parser = new MessageParser(options);
  parser.push(octets);
  return parser.end();
}

/** A part that has begun and not ended. */
interface OpenPart {
  head: PartHead;
  header: OctetRange;
  bodyStart: number;
  /** Line ends of the message before the body. */
  linesBefore: number;
  kind: Part["kind"];
  parts: Part[];
  /** `--` and the boundary, as long as delimiters may come. */
  delimiter: OctetString | undefined;
  reader: LeafReader | undefined;
}

/**
 * Reads a message that comes in chunks and remembers where its parts are. Any octets are a message.
 * Time is linear in their number, and besides the tree only the header at hand is kept. Each chunk is looked at
 * as a string: V8 searches and cuts strings without leaving the code it compiled, unlike octets.
 */
export class MessageParser {
  readonly #openLeaf: (head: PartHead) => LeafReader | undefined;
  #messageHeader: OctetString = "";
  /** From the whole message to the part being read; never empty before `end`. */
  readonly #open: OpenPart[] = [openPart(0)];
  #partCount = 1;
  #offset = 0;
  #lines = 0;
  /** Octets of the line end just before `#offset`. */
  #lineEndOctets = 0;
  #endsInReturn = false;
  /** Set while a header is read. */
  #headerText: OctetString | undefined = "";
  /** A beginning of a line that may yet turn out to be a delimiter or the end of a header. */
  #undecided: OctetString = "";
  #isInsideLine = false;

  constructor(options: MessageParserOptions = {}) {
    this.#openLeaf = options.openLeaf ?? (() => undefined);
  }

  /** The chunk is not kept; its memory may be used again. */
  push(octets: Uint8Array): void {
    const chunk = this.#withUndecided(octets);
    let at = 0;
    while (at < chunk.length) {
      const run = this.#endOfRun(chunk, at);
      if (run > at) this.#takeContent(chunk, at, run);
      if (run === chunk.length) return;
      const newline = chunk.indexOf("\n", run);
      const end = newline < 0 ? chunk.length : newline + 1;
      if (this.#isInsideLine) this.#takeContent(chunk, run, end);
      else if (newline < 0 && isUndecided(chunk, run)) this.#undecided = chunk.slice(run);
      else this.#startLine(chunk, run, end);
      at = end;
    }
  }

  /**
   * What comes behind what was undecided, in one piece: V8 leaves its compiled code for each look at a string that
   * is made of two, and takes ten times as long.
   */
  #withUndecided(octets: Uint8Array): OctetString {
    if (this.#undecided === "") return toOctetString(octets);
    const joined = Buffer.concat([fromOctetString(this.#undecided), octets]);
    this.#undecided = "";
    return toOctetString(joined);
  }

  /** Up to where the octets from `at` on are content, whatever comes: line for line would take thrice as long. */
  #endOfRun(chunk: OctetString, at: number): number {
    return this.#headerText === undefined ? this.#endOfBodyRun(chunk, at) : this.#endOfHeaderRun(chunk, at);
  }

  #endOfBodyRun(chunk: OctetString, at: number): number {
    if (!this.#isInsideLine && chunk.charCodeAt(at) === HYPHEN) return at;
    const found = chunk.indexOf("\n--", at);
    if (found >= 0) return found + 1;
    const endsUndecided = chunk.length - 2 >= at && chunk.endsWith("\n-");
    return endsUndecided ? chunk.length - 1 : chunk.length;
  }

  /** Whole lines that neither end a header nor begin like a delimiter. */
  #endOfHeaderRun(chunk: OctetString, at: number): number {
    if (this.#isInsideLine) return at;
    for (let start = at; ; ) {
      const octet = chunk.charCodeAt(start);
      if (octet === HYPHEN || octet === RETURN || octet === NEWLINE) return start;
      const newline = chunk.indexOf("\n", start);
      if (newline < 0) return start;
      start = newline + 1;
    }
  }

  /** The header of the whole message as it came, when its end was reached; no more than is looked at of it. */
  get messageHeader(): OctetString {
    return this.#messageHeader;
  }

  /** Ends the message and gives it as a part. The parser is of no use afterwards. */
  end(): Part {
    if (this.#undecided !== "") this.#startLine(this.#undecided, 0, this.#undecided.length);
    while (this.#headerText !== undefined) this.#endHeader();
    this.#lineEndOctets = 0;
    this.#closeDownTo(1);
    return this.#seal(this.#open.pop() as OpenPart);
  }

  /** Takes a whole line, or the beginning of one that is neither a delimiter nor the end of a header. */
  #startLine(octets: OctetString, start: number, end: number): void {
    const delimited = this.#findDelimited(octets, start, end);
    if (delimited !== undefined) {
      this.#delimit(delimited);
      this.#advance(octets, start, end);
      this.#openDelimited(octets, start, end);
    } else {
      this.#takeContent(octets, start, end);
      if (this.#headerText !== undefined && isEmptyLine(octets, start)) this.#endHeader();
    }
  }

  /** Takes the octets from `start` up to and without `end`. */
  #takeContent(octets: OctetString, start: number, end: number): void {
    if (this.#headerText === undefined) this.#innermost().reader?.push(octets.slice(start, end));
    else if (this.#headerText.length < MAX_HEADER_OCTETS) {
      const taken = Math.min(end, start + MAX_HEADER_OCTETS - this.#headerText.length);
      this.#headerText += octets.slice(start, taken);
    }
    this.#advance(octets, start, end);
  }

  #advance(octets: OctetString, start: number, end: number): void {
    this.#offset += end - start;
    for (let at = octets.indexOf("\n", start); at >= 0 && at < end; at = octets.indexOf("\n", at + 1)) {
      this.#lines++;
    }
    const last = octets.charCodeAt(end - 1);
    this.#isInsideLine = last !== NEWLINE;
    if (!this.#isInsideLine) {
      const hasReturn = end - 2 >= start ? octets.charCodeAt(end - 2) === RETURN : this.#endsInReturn;
      this.#lineEndOctets = hasReturn ? 2 : 1;
    }
    this.#endsInReturn = last === RETURN;
  }

  /**
   * The depth of the open multipart whose delimiter the line begins with. What follows the boundary
   * does not matter (RFC 2046 §5.1.1), so of several that match the longest is meant; and outer
   * delimiters end inner parts that were cut short.
   */
  #findDelimited(octets: OctetString, start: number, end: number): number | undefined {
    if (!octets.startsWith("--", start) || this.#partCount >= MAX_PARTS) return undefined;
    let found: number | undefined;
    let foundOctets = 0;
    for (let depth = this.#open.length - 1; depth >= 0; depth--) {
      const delimiter = this.#open[depth]?.delimiter;
      if (delimiter === undefined || delimiter.length <= foundOctets) continue;
      if (delimiter.length > end - start || !octets.startsWith(delimiter, start)) continue;
      found = depth;
      foundOctets = delimiter.length;
    }
    return found;
  }

  /** Ends what is open in the multipart at that depth. */
  #delimit(depth: number): void {
    while (this.#headerText !== undefined) this.#endHeader();
    this.#closeDownTo(depth + 1);
  }

  /** Goes on behind the innermost multipart's delimiter. */
  #openDelimited(octets: OctetString, start: number, end: number): void {
    const multipart = this.#innermost();
    const behind = start + (multipart.delimiter?.length ?? 0);
    if (behind + 1 < end && octets.startsWith("--", behind)) {
      multipart.delimiter = undefined; // all that follows is epilogue
    } else {
      this.#openPart();
    }
  }

  #openPart(): void {
    this.#open.push(openPart(this.#offset));
    this.#partCount++;
    this.#headerText = "";
  }

  /** The header of the innermost part is complete: decides what its body is. */
  #endHeader(): void {
    const part = this.#innermost();
    const text = this.#headerText ?? "";
    const fields = parseHeader(text);
    if (this.#open.length === 1) this.#messageHeader = text;
    this.#headerText = undefined;
    part.head = { fields, contentType: this.#contentTypeOf(fields), encoding: readTransferEncoding(fields) };
    part.header = { start: part.header.start, end: this.#offset };
    part.bodyStart = this.#offset;
    part.linesBefore = this.#lines;
    this.#openBody(part);
  }

  #contentTypeOf(fields: readonly HeaderField[]): ContentType {
    const value = findField(fields, "Content-Type");
    if (value !== undefined) return parseContentType(value) ?? PLAIN_TEXT;
    const parent = this.#open.at(-2);
    const isInDigest = parent !== undefined && isMediaType(parent.head.contentType, "multipart", "digest");
    return isInDigest ? NESTED_MESSAGE : PLAIN_TEXT;
  }

  #openBody(part: OpenPart): void {
    const { contentType } = part.head;
    const isMultipart = isMediaType(contentType, "multipart");
    const isMessage =
      isMediaType(contentType, "message", "rfc822") || isMediaType(contentType, "message", "global");
    if ((isMultipart || isMessage) && (this.#open.length >= MAX_DEPTH || this.#partCount >= MAX_PARTS)) {
      part.head = { ...part.head, contentType: UNKNOWN_OCTETS };
    } else if (isMessage) {
      part.kind = "message";
      this.#openPart();
      return;
    } else if (isMultipart) {
      const boundary = findParameter(contentType.parameters, "boundary")?.trimEnd() ?? "";
      if (boundary !== "") {
        part.kind = "multipart";
        part.delimiter = `--${boundary}`;
        return;
      }
      part.head = { ...part.head, contentType: PLAIN_TEXT };
    }
    part.reader = this.#openLeaf(part.head);
  }

  /** Ends the parts deeper than `depth` at the line end before `#offset`. */
  #closeDownTo(depth: number): void {
    while (this.#open.length > depth) {
      const part = this.#seal(this.#open.pop() as OpenPart);
      this.#innermost().parts.push(part);
    }
  }

  #seal(part: OpenPart): Part {
    part.reader?.end();
    const end = Math.max(part.bodyStart, this.#offset - this.#lineEndOctets);
    const lines = this.#lines - part.linesBefore;
    // A multipart in which no delimiter was found has no parts to show; its octets are read as text,
    // the default for a Content-Type that is not to be believed (RFC 2045 §5.2).
    const isEmptyMultipart = part.kind === "multipart" && part.parts.length === 0;
    const { fields, contentType, encoding } = part.head;
    return {
      fields,
      contentType: isEmptyMultipart ? PLAIN_TEXT : contentType,
      encoding,
      header: part.header,
      body: { start: part.bodyStart, end },
      bodyLines: end < this.#offset && lines > 0 ? lines - 1 : lines,
      kind: isEmptyMultipart ? "leaf" : part.kind,
      parts: part.parts,
    };
  }

  #innermost(): OpenPart {
    return this.#open.at(-1) as OpenPart;
  }
}

function openPart(start: number): OpenPart {
  return {
    head: { fields: [], contentType: PLAIN_TEXT, encoding: "7bit" },
    header: { start, end: start },
    bodyStart: start,
    linesBefore: 0,
    kind: "leaf",
    parts: [],
    delimiter: undefined,
    reader: undefined,
  };
}

/** Whether the line that begins there, of which no more has come, may be a delimiter or an empty line. */
function isUndecided(octets: OctetString, start: number): boolean {
  const length = octets.length - start;
  if (length >= MAX_DELIMITER_OCTETS) return false;
  if (length > 1) return octets.startsWith("--", start);
  const octet = octets.charCodeAt(start);
  return octet === HYPHEN || octet === RETURN;
}

function isEmptyLine(octets: OctetString, at: number): boolean {
  return octets.startsWith("\n", at) || octets.startsWith("\r\n", at);
}
