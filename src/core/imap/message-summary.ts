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
  toOctetString,
} from "../mime/mime.ts";
import { formatBodyStructure } from "./body-structure-format.ts";
import { formatEnvelope } from "./envelope-format.ts";
import { type FieldTexts, formatFieldTexts, NO_FIELD_TEXTS } from "./field-texts.ts";
import { readReferences } from "./message-ids.ts";
import { type OrderKeys, readOrderKeys } from "./order-keys.ts";

/**
 * Header fields that clients ask for when they list messages, and that SEARCH, SORT and THREAD look at. The
 * summary has them as they are written.
 */
const LISTED: ReadonlySet<string> = new Set([
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
]);

/** Changes with every change in what a summary says of a message. */
export const SUMMARY_VERSION = 4;

/** Where the header is longer, its fields are read from the message when they are asked for. */
const MAX_HEADER_OCTETS = 256 * 1024;

/** What `MessageSummarizer` makes of a message, in parts of which one asks for as few as one needs. */
export interface SummaryParts extends FieldTexts, OrderKeys {
  /** The header fields that are listed; empty where the message itself has to be asked. */
  readonly header: OctetString;
  /** Everything else. */
  readonly structure: OctetString;
}

/** Those that SEARCH and FETCH look into. */
export type SummaryPart = "header" | "structure";

/**
 * What FETCH and SEARCH need to know of a message without opening it, formatted for the wire. The header
 * fields are in the part `header`, all else is in `structure`: who asks without the part gets an error.
 */
export class MessageSummary {
  readonly #parts: Partial<SummaryParts>;
  #ends: readonly number[] | undefined;

  /** Reads the parts only when they are asked for. */
  constructor(parts: Partial<SummaryParts>) {
    this.#parts = parts;
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

  /** The header fields of these names, in lower case, as written; undefined when the message itself has to be asked. */
  selectFields(names: ReadonlySet<string>): OctetString | undefined {
    return this.#hasFields(names) ? selectHeaderFields(this.#part("header"), names, "named") : undefined;
  }

  /** The same fields parsed; the names are in lower case. */
  parseFields(names: ReadonlySet<string>): HeaderField[] | undefined {
    return this.#hasFields(names) ? parseHeader(this.#part("header"), names) : undefined;
  }

  /** Whether the header was short enough for the summary to have its listed fields. */
  get hasHeader(): boolean {
    return this.#part("header") !== "";
  }

  #hasFields(names: ReadonlySet<string>): boolean {
    return areListed(names) && this.hasHeader;
  }

  #segment(index: number): OctetString {
    const structure = this.#part("structure");
    this.#ends ??= structure.slice(0, structure.indexOf("\n")).split(" ").map(Number);
    const start = this.#ends[index] ?? 0;
    return structure.slice(start, this.#ends[index + 1]);
  }

  #part(name: SummaryPart): OctetString {
    const part = this.#parts[name];
    if (part === undefined) throw new Error(`The ${name} of the message was not asked for`);
    return part;
  }
}

/** Whether summaries have the header fields of these names, in lower case, but for those of very long headers. */
export function areListed(names: ReadonlySet<string>): boolean {
  for (const name of names) if (!LISTED.has(name)) return false;
  return true;
}

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
  end(): { readonly summary: () => SummaryParts; readonly text: () => SearchableText } {
    const message = this.#parser.end();
    return {
      summary: () => this.#summarize(message),
      text: () => readSearchableText(message, this.#texts.parts),
    };
  }

  #summarize(message: Part): SummaryParts {
    const { end } = message.header;
    const start = end <= this.#start.length ? toOctetString(this.#start.subarray(0, end)) : undefined;
    return {
      ...(start === undefined ? NO_FIELD_TEXTS : formatFieldTexts(message.fields)),
      ...readOrderKeys(message.fields),
      header: start === undefined ? "" : selectHeaderFields(start, LISTED, "named"),
      structure: this.#summarizeStructure(message),
    };
  }

  #summarizeStructure(message: Part): OctetString {
    return packSegments([
      formatEnvelope(readEnvelope(message.fields)),
      formatBodyStructure(message, "extended"),
      formatBodyStructure(message, "basic"),
      `M${this.#hash.digest("hex").slice(0, ID_DIGITS)}`,
      threadIdOf(message.fields) ?? "",
      encodeUtf8(makePreview(this.#texts.parts)),
      JSON.stringify(packLayout(message)),
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

/** A line with where each segment begins, and where the last ends, then the segments. */
function packSegments(segments: readonly OctetString[]): OctetString {
  const width = MAX_DIGITS + 1;
  const places = [width * (segments.length + 1)];
  for (const segment of segments) places.push((places.at(-1) ?? 0) + segment.length);
  const line = places.map((place) => `${place}`.padStart(MAX_DIGITS, "0")).join(" ");
  return `${line}\n${segments.join("")}`;
}

/** Of a place in a summary. */
const MAX_DIGITS = 9;

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
