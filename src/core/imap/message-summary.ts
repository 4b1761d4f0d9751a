import { Buffer } from "node:buffer";
import { createHash, hash } from "node:crypto";
import {
  encodeUtf8,
  type HeaderField,
  MessageParser,
  makePreview,
  type OctetString,
  type Part,
  type PartLayout,
  parseHeader,
  readEnvelope,
  readSearchableText,
  type SearchableText,
  selectHeaderFields,
  TextCollector,
} from "../mime/mime.ts";
import { formatBodyStructure } from "./body-structure-format.ts";
import { formatEnvelope } from "./envelope-format.ts";
import { readReferences } from "./message-ids.ts";

/**
 * Header fields that clients ask for when they list messages, and that SEARCH, SORT and THREAD look at. The
 * summary has them as they are written.
 */
const LISTED_FIELDS: readonly string[] = [
  "authentication-results",
  "auto-submitted",
  "bcc",
  "cc",
  "chat-version",
  "content-description",
  "content-language",
  "content-transfer-encoding",
  "content-type",
  "date",
  "delivered-to",
  "disposition-notification-to",
  "dkim-signature",
  "from",
  "importance",
  "in-reply-to",
  "lines",
  "list-id",
  "list-post",
  "list-subscribe",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "message-id",
  "mime-version",
  "newsgroups",
  "organization",
  "precedence",
  "priority",
  "references",
  "reply-to",
  "return-path",
  "sender",
  "subject",
  "to",
  "user-agent",
  "x-label",
  "x-mailer",
  "x-original-to",
  "x-priority",
  "x-spam-flag",
  "x-universally-unique-identifier",
  "x-uniform-type-identifier",
];

const LISTED: ReadonlySet<string> = new Set(LISTED_FIELDS);

/** Changes with every change in what a summary says of a message. */
export const SUMMARY_VERSION = 2;

/** Where the header is longer, its fields are read from the message when they are asked for. */
const MAX_HEADER_OCTETS = 256 * 1024;

/** What FETCH and SEARCH need to know of a message without opening it, formatted for the wire. */
export class MessageSummary {
  readonly #octets: Buffer;

  /** Reads what `MessageSummarizer` wrote; parts of it only when they are asked for. */
  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  get envelope(): OctetString {
    return this.#segment(0);
  }

  get bodyStructure(): OctetString {
    return this.#segment(1);
  }

  get body(): OctetString {
    return this.#segment(2);
  }

  /** Names the message's octets (RFC 8474 §5.1): the same octets have the same id in every mailbox. */
  get emailId(): OctetString {
    return this.#segment(3);
  }

  /** Names the first message of the conversation (RFC 8474 §5.2), if the message says which that is. */
  get threadId(): OctetString | undefined {
    return this.#segment(4) || undefined;
  }

  /** UTF-8. */
  get preview(): OctetString {
    return this.#segment(5);
  }

  get layout(): PartLayout {
    return unpackLayout(JSON.parse(this.#segment(6)));
  }

  /** The header fields of these names as written, or undefined when the message itself has to be asked. */
  selectFields(names: readonly string[]): OctetString | undefined {
    return this.hasFields(names) ? selectHeaderFields(this.#segmentOctets(7), names, "named") : undefined;
  }

  /** The same fields parsed; the names are in lower case. */
  parseFields(names: ReadonlySet<string>): HeaderField[] | undefined {
    return this.hasFields(names) ? parseHeader(this.#segment(7), names) : undefined;
  }

  /** Whether the summary knows all fields of these names. */
  hasFields(names: Iterable<string>): boolean {
    if (this.#segmentOctets(7).length === 0) return false;
    for (const name of names) if (!LISTED.has(name) && !LISTED.has(name.toLowerCase())) return false;
    return true;
  }

  #segment(index: number): OctetString {
    return this.#segmentOctets(index).toString("latin1");
  }

  #segmentOctets(index: number): Buffer {
    const start = index === 0 ? 0 : this.#octets.readUInt32LE((index - 1) * 4);
    const end = this.#octets.readUInt32LE(index * 4);
    return this.#octets.subarray(SEGMENTS * 4 + start, SEGMENTS * 4 + end);
  }
}

const SEGMENTS = 8;

/** Makes a summary of a message that comes in chunks, and its text for a full-text index. */
export class MessageSummarizer {
  readonly #texts = new TextCollector();
  readonly #parser = new MessageParser(this.#texts);
  readonly #hash = createHash("sha256");
  /** The beginning of the message, with the header in it. */
  #start = Buffer.alloc(0);

  /** The chunk is not kept. */
  push(octets: Uint8Array): void {
    this.#parser.push(octets);
    this.#hash.update(octets);
    const room = MAX_HEADER_OCTETS - this.#start.length;
    if (room > 0) this.#start = Buffer.concat([this.#start, octets.subarray(0, room)]);
  }

  /** Both are made when they are asked for, since hardly anybody asks for both. */
  end(): { readonly summary: () => Uint8Array; readonly text: () => SearchableText } {
    const message = this.#parser.end();
    return {
      summary: () => this.#summarize(message),
      text: () => readSearchableText(message, this.#texts.parts),
    };
  }

  #summarize(message: Part): Uint8Array {
    const hasHeader = message.header.end <= this.#start.length;
    return packSegments([
      formatEnvelope(readEnvelope(message.fields)),
      formatBodyStructure(message, "extended"),
      formatBodyStructure(message, "basic"),
      `M${this.#hash.digest("hex").slice(0, ID_DIGITS)}`,
      threadIdOf(message.fields) ?? "",
      encodeUtf8(makePreview(this.#texts.parts)),
      JSON.stringify(packLayout(message)),
      hasHeader
        ? selectHeaderFields(this.#start.subarray(0, message.header.end), LISTED_FIELDS, "named")
        : "",
    ]);
  }
}

/** 128 bits, so that no two messages share an id by chance. */
const ID_DIGITS = 32;

function threadIdOf(fields: readonly HeaderField[]): OctetString | undefined {
  const { messageId, references } = readReferences(fields);
  const root = references[0] ?? messageId;
  return root && `T${hash("sha256", Buffer.from(root, "latin1"), "hex").slice(0, ID_DIGITS)}`;
}

/** The ends of all segments, then the segments. */
function packSegments(segments: readonly OctetString[]): Uint8Array {
  const ends = Buffer.alloc(SEGMENTS * 4);
  let end = 0;
  for (const [index, segment] of segments.entries()) {
    end += segment.length;
    ends.writeUInt32LE(end, index * 4);
  }
  return Buffer.concat([ends, Buffer.from(segments.join(""), "latin1")]);
}

type PackedLayout = [number, number, number, PartLayout["kind"], OctetString, PackedLayout[]];

function packLayout({ header, body, kind, encoding, parts }: PartLayout): PackedLayout {
  return [header.start, body.start, body.end, kind, encoding, parts.map(packLayout)];
}

/** A body begins where its header ends. */
function unpackLayout([start, bodyStart, end, kind, encoding, parts]: PackedLayout): PartLayout {
  return {
    header: { start, end: bodyStart },
    body: { start: bodyStart, end },
    kind,
    encoding,
    parts: parts.map(unpackLayout),
  };
}
