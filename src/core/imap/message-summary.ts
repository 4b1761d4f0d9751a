import { createHash, hash } from "node:crypto";
import {
  encodeUtf8,
  fromOctetString,
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
import { type OrderKeys, readOrderKeys } from "./order-keys.ts";
import { readSearchedFields, type SearchedFields, UNKNOWN_FIELDS } from "./searched-fields.ts";

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
export const SUMMARY_VERSION = 6;

/** What `MessageSummarizer` makes of a message, in parts of which one asks for as few as one needs. */
export interface SummaryParts {
  /** The header fields that are listed; behind `UNFINISHED` those of the beginning of a header that is too long. */
  readonly header: OctetString;
  /** Everything else. */
  readonly structure: OctetString;
}

export type SummaryPart = keyof SummaryParts;

/** No header begins like this: the line is empty. */
const UNFINISHED = "\n";

/** What an index is asked for, not a message at a time. */
export interface SummaryKeys extends SearchedFields, OrderKeys {}

/** The keys of a message by the `header` of its summary. */
export function readSummaryKeys(header: OctetString): SummaryKeys {
  const isWhole = !header.startsWith(UNFINISHED);
  const fields = parseHeader(isWhole ? header : header.slice(UNFINISHED.length));
  return { ...readOrderKeys(fields), ...(isWhole ? readSearchedFields(fields) : UNKNOWN_FIELDS) };
}

/**
 * What FETCH and SEARCH need to know of a message without opening it, formatted for the wire. The header
 * fields are in the part `header`, all else is in `structure`: who asks without the part gets an error.
 */
export class MessageSummary {
  readonly #parts: Partial<SummaryParts>;
  #places: readonly number[] | undefined;

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
    return !this.#part("header").startsWith(UNFINISHED);
  }

  #hasFields(names: ReadonlySet<string>): boolean {
    return areListed(names) && this.hasHeader;
  }

  #segment(index: number): OctetString {
    const structure = this.#part("structure");
    this.#places ??= placesOfSegments(structure);
    return structure.slice(this.#places[index], this.#places[index + 1]);
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

/** A message that was read: both are made when they are asked for, since hardly anybody asks for both. */
export interface SummarizedMessage {
  readonly summary: () => SummaryParts;
  /** For a full-text index. */
  readonly text: () => SearchableText;
}

/** Summarizes a message that comes in chunks. */
export class MessageSummarizer {
  readonly #texts = new TextCollector();
  readonly #parser = new MessageParser(this.#texts);
  readonly #hash = createHash("sha256");

  /** The chunk is not kept. */
  push(octets: Uint8Array): void {
    this.#parser.push(octets);
    this.#hash.update(octets);
  }

  end(): SummarizedMessage {
    return summarized(this.#parser, this.#texts, () => this.#hash.digest("hex"));
  }
}

/** The same for one that is in memory, in less time; its octets must stay what they are until there is a summary. */
export function summarizeMessage(octets: Uint8Array): SummarizedMessage {
  const texts = new TextCollector();
  const parser = new MessageParser(texts);
  parser.push(octets);
  return summarized(parser, texts, () => hash("sha256", octets, "hex"));
}

function summarized(parser: MessageParser, texts: TextCollector, digest: () => string): SummarizedMessage {
  const message = parser.end();
  const header = parser.messageHeader;
  // The parser does not look at all of a very long header.
  const isWhole = header.length === message.header.end;
  return {
    summary: () => ({
      header: (isWhole ? "" : UNFINISHED) + selectHeaderFields(header, LISTED, "named"),
      structure: formatSummaryStructure(message, { preview: makePreview(texts.parts), digest: digest() }),
    }),
    text: () => readSearchableText(message, texts.parts),
  };
}

function formatSummaryStructure(
  message: Part,
  { preview, digest }: { readonly preview: string; readonly digest: string },
): OctetString {
  const { extended, basic } = formatBodyStructure(message);
  return packSegments([
    formatEnvelope(readEnvelope(message.fields)),
    extended,
    basic,
    `M${digest.slice(0, ID_DIGITS)}`,
    threadIdOf(message.fields),
    encodeUtf8(preview),
    JSON.stringify(packLayout(message)),
  ]);
}

/** 128 bits, so that no two messages share an id by chance. */
const ID_DIGITS = 32;

/** Empty for a message without any id. */
function threadIdOf(fields: readonly HeaderField[]): OctetString {
  const { messageId = "", references } = readReferences(fields);
  const root = references[0] ?? messageId;
  return root && `T${hash("sha256", fromOctetString(root), "hex").slice(0, ID_DIGITS)}`;
}

/**
 * A line with the length of each segment, then the segments. Joined they are one piece of memory; added to each
 * other they would stay as many as they were made of, for each collection of garbage to look at while others
 * are described.
 */
function packSegments(segments: readonly OctetString[]): OctetString {
  let line = "";
  for (const segment of segments) line += `${segment.length} `;
  return [line, "\n", ...segments].join("");
}

/** Where each segment begins, and where the last ends. */
function placesOfSegments(packed: OctetString): number[] {
  const end = packed.indexOf("\n");
  const places = [end + 1];
  for (const length of packed.slice(0, end - 1).split(" ")) {
    places.push((places.at(-1) ?? 0) + Number(length));
  }
  return places;
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
