import { decodeCharset, extendsAscii } from "./charset.ts";
import { charsetOf, isMediaType, readDisposition } from "./content-fields.ts";
import { decodeHeaderText } from "./encoded-word.ts";
import { foldText } from "./fold-text.ts";
import type { HeaderField } from "./header.ts";
import type { LeafReader, Part, PartHead } from "./message-parser.ts";
import { fromOctetString, type OctetString } from "./octet-string.ts";
import { createTransferDecoder, decodeTransfer } from "./transfer-encoding.ts";

/** A text part, decoded. */
export interface TextPart {
  readonly isHtml: boolean;
  readonly isAttachment: boolean;
  readonly text: string;
}

/** What SEARCH looks into, in the form of `foldText`. */
export interface SearchableText {
  /** The fields of the header, one on a line, encoded words decoded. */
  readonly header: string;
  /** The text parts and the headers of all parts; the octets of other parts are no text. */
  readonly body: string;
}

/** What is beyond this is not collected: memory is finite, and nobody wrote it by hand. */
const MAX_TEXT_OCTETS = 16 * 1024 * 1024;

/**
 * Collects the text of a message while it is parsed: give `openLeaf` to the parser. Transfer encodings
 * and charsets are undone; markup stays.
 */
export class TextCollector {
  readonly #parts: TextPart[] = [];
  #octetsLeft = MAX_TEXT_OCTETS;

  /** The text parts whose end was reached, in order. */
  get parts(): readonly TextPart[] {
    return this.#parts;
  }

  readonly openLeaf = (head: PartHead): LeafReader | undefined => {
    const isText =
      isMediaType(head.contentType, "text") && createTransferDecoder(head.encoding) !== undefined;
    if (!isText) return undefined;
    let body: OctetString = "";
    return {
      push: (octets) => {
        const kept = octets.slice(0, this.#octetsLeft);
        this.#octetsLeft -= kept.length;
        body += kept;
      },
      end: () => {
        this.#parts.push(new CollectedPart(head, body));
      },
    };
  };
}

/**
 * The text is decoded when it is asked for first: who wants to list messages has no use for most of it. A class,
 * for of each object literal with an accessor V8 keeps a shape, and the text with it, until it tidies up all.
 */
class CollectedPart implements TextPart {
  readonly isHtml: boolean;
  readonly isAttachment: boolean;
  readonly #head: PartHead;
  readonly #body: OctetString;
  #decoded: string | undefined;

  constructor(head: PartHead, body: OctetString) {
    this.isHtml = isMediaType(head.contentType, "text", "html");
    this.isAttachment = readDisposition(head.fields)?.type.toLowerCase() === "attachment";
    this.#head = head;
    this.#body = body;
  }

  get text(): string {
    this.#decoded ??= decodeText(this.#head, this.#body);
    return this.#decoded;
  }
}

function decodeText({ contentType, encoding }: PartHead, body: OctetString): string {
  const octets = decodeTransfer(body, encoding) ?? "";
  const charset = charsetOf(contentType);
  const isDecoded = extendsAscii(charset) && /^[\x00-\x7f]*$/.test(octets);
  return isDecoded ? octets : decodeCharset(fromOctetString(octets), charset);
}

/** The text of a parsed message for searching; of the header only when it is asked for. */
export function readSearchableText(message: Part, texts: readonly TextPart[]): SearchableText {
  return new CollectedText(message, texts);
}

class CollectedText implements SearchableText {
  readonly body: string;
  readonly #message: Part;

  constructor(message: Part, texts: readonly TextPart[]) {
    const partHeaders = [...partsBelow(message)].map((part) => headerText(part.fields));
    this.body = foldText([...texts.map((part) => part.text), ...partHeaders].join("\n"));
    this.#message = message;
  }

  get header(): string {
    return foldText(headerText(this.#message.fields));
  }
}

/** The fields as a person reads them, one on a line. A tab is how some programs fold: it reads as a space. */
function headerText(fields: readonly HeaderField[]): string {
  return fields
    .map(({ name, value }) => `${name}: ${decodeHeaderText(value.replaceAll("\t", " "))}`)
    .join("\n");
}

function* partsBelow(part: Part): Generator<Part> {
  for (const child of part.parts) {
    yield child;
    yield* partsBelow(child);
  }
}
