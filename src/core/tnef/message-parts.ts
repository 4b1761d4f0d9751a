import { ATTRIBUTE, readAttributes } from "./attribute-stream.ts";
import { cleanLine, cleanText, DEFAULT_CODE_PAGE, decodeCodePage } from "./code-page.ts";
import { plainMessageClass } from "./meeting-class.ts";
import { OctetCursor } from "./octet-cursor.ts";
import type { Report } from "./problem.ts";
import { emptyPropertyList, lineOf, type PropertyList, readPropertyList } from "./property-list.ts";

/** A message as its stream holds it: attributes, property lists and the attributes of each attachment. */
export interface MessageParts {
  /** All of it. */
  readonly stream: Uint8Array;
  readonly messageClass: string;
  readonly properties: PropertyList;
  readonly recipients: readonly PropertyList[];
  /** The attributes of the message by name, the first of each. */
  readonly attributes: ReadonlyMap<number, Uint8Array>;
  readonly attachments: readonly AttachmentParts[];
}

export interface AttachmentParts {
  readonly properties: PropertyList;
  readonly attributes: ReadonlyMap<number, Uint8Array>;
}

const WANTED_ATTRIBUTES: ReadonlySet<number> = new Set(Object.values(ATTRIBUTE));

const ATTACHMENT_ATTRIBUTES: ReadonlySet<number> = new Set([
  ATTRIBUTE.attachRendData,
  ATTRIBUTE.attachData,
  ATTRIBUTE.attachTitle,
  ATTRIBUTE.attachTransportFileName,
  ATTRIBUTE.attachment,
]);

// A calendar entry names twenty and counts the rest; each override of a series repeats them all.
const MAX_RECIPIENTS = 200;

/** Reads one message. `maxAttachments` is what is left of the whole stream's allowance. */
export function readMessageParts(octets: Uint8Array, report: Report, maxAttachments: number): MessageParts {
  const message = new Map<number, Uint8Array>();
  const attachments: Map<number, Uint8Array>[] = [];
  let current = message;
  for (const { name, data } of readAttributes(octets, report)) {
    if (name === ATTRIBUTE.attachRendData) {
      if (attachments.length === maxAttachments) {
        report("too-many", data, `Only the first ${maxAttachments} attachments were read`);
        break;
      }
      current = new Map();
      attachments.push(current);
    }
    const target = ATTACHMENT_ATTRIBUTES.has(name) ? current : message;
    if (WANTED_ATTRIBUTES.has(name) && !target.has(name)) target.set(name, data);
  }
  const codePage = codePageOf(message.get(ATTRIBUTE.oemCodePage));
  const properties = readList(message.get(ATTRIBUTE.messageProperties), codePage, report);
  return {
    stream: octets,
    messageClass: messageClassOf(message, properties),
    properties,
    recipients: readRecipients(message.get(ATTRIBUTE.recipientTable), codePage, report),
    attributes: message,
    attachments: attachments.map((attributes) => ({
      properties: readList(attributes.get(ATTRIBUTE.attachment), codePage, report),
      attributes,
    })),
  };
}

/** The text of an attribute, in the code page of the stream; undefined when it is missing or blank. */
export function attributeText(
  parts: Pick<MessageParts, "attributes" | "properties">,
  name: number,
): string | undefined {
  const data = parts.attributes.get(name);
  return data === undefined
    ? undefined
    : cleanText(decodeCodePage(data, parts.properties.codePage)) || undefined;
}

function codePageOf(data: Uint8Array | undefined): number {
  return (data === undefined ? 0 : new OctetCursor(data).uint32()) || DEFAULT_CODE_PAGE;
}

function messageClassOf(attributes: ReadonlyMap<number, Uint8Array>, properties: PropertyList): string {
  const data = attributes.get(ATTRIBUTE.messageClass) ?? attributes.get(ATTRIBUTE.originalMessageClass);
  const attribute = data === undefined ? "" : cleanLine(decodeCodePage(data, DEFAULT_CODE_PAGE));
  return plainMessageClass(lineOf(properties, "messageClass") ?? attribute);
}

function readList(data: Uint8Array | undefined, codePage: number, report: Report): PropertyList {
  if (data === undefined) return emptyPropertyList(codePage);
  const list = readPropertyList(new OctetCursor(data), codePage);
  if (!list.intact)
    report("bad-properties", data, "A property list breaks off: its counts or lengths are wrong");
  return list;
}

function readRecipients(data: Uint8Array | undefined, codePage: number, report: Report): PropertyList[] {
  if (data === undefined) return [];
  const cursor = new OctetCursor(data);
  const count = cursor.uint32();
  const rows: PropertyList[] = [];
  while (rows.length < count && cursor.remaining > 0) {
    if (rows.length === MAX_RECIPIENTS) {
      report("too-many", data, `Only the first ${MAX_RECIPIENTS} recipients were read`);
      break;
    }
    const row = readPropertyList(cursor, codePage);
    if (!row.intact) {
      report("bad-properties", data, "The list of recipients breaks off: its counts or lengths are wrong");
      break;
    }
    rows.push(row);
  }
  return rows;
}
