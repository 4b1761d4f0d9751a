import { ATTRIBUTE, isTnef } from "./attribute-stream.ts";
import { cleanLine } from "./code-page.ts";
import { type AttachmentParts, attributeText } from "./message-parts.ts";
import { lineOf, objectOf, octetsOf } from "./property-list.ts";

/** A file that came in the stream. */
export interface TnefAttachment {
  /** Without folders; empty when the sender gave it none. */
  readonly fileName: string;
  /** As the sender says, else `application/octet-stream`. */
  readonly mediaType: string;
  /** A part of the stream, not a copy. */
  readonly content: Uint8Array;
}

const INTERFACE_ID_OCTETS = 16;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** The stream of a message that is attached as an object, without its interface id; undefined for a file. */
export function embeddedStream(parts: AttachmentParts): Uint8Array | undefined {
  const stream = objectOf(parts.properties, "attachData")?.subarray(INTERFACE_ID_OCTETS);
  return stream !== undefined && isTnef(stream) ? stream : undefined;
}

export function fileOf(parts: AttachmentParts): TnefAttachment {
  const { properties, attributes } = parts;
  return {
    fileName: fileNameOf(parts),
    mediaType: mediaTypeOf(parts),
    content:
      attributes.get(ATTRIBUTE.attachData) ??
      octetsOf(properties, "attachData") ??
      objectOf(properties, "attachData")?.subarray(INTERFACE_ID_OCTETS) ??
      new Uint8Array(),
  };
}

function fileNameOf(parts: AttachmentParts): string {
  const { properties } = parts;
  const name =
    lineOf(properties, "attachLongFileName") ??
    attributeText(parts, ATTRIBUTE.attachTransportFileName) ??
    attributeText(parts, ATTRIBUTE.attachTitle) ??
    lineOf(properties, "attachFileName") ??
    lineOf(properties, "displayName") ??
    "";
  return cleanLine(name).split(/[\\/]/).at(-1) ?? "";
}

function mediaTypeOf({ properties }: AttachmentParts): string {
  const mediaType = lineOf(properties, "attachMimeTag")?.toLowerCase() ?? "";
  return MEDIA_TYPE.test(mediaType) ? mediaType : "application/octet-stream";
}
