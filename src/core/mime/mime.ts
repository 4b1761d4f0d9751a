/**
 * Messages as IMAP shows them (RFC 5322, RFC 2045 to 2047, RFC 2231): the tree of parts with the
 * octet range of each, headers, envelopes, transfer encodings, text for searching. Any octets are a
 * message; nothing here throws on input. Knows nothing of IMAP's grammar, and it does not look
 * into calendars or winmail.dat: that walk, with all its tolerance, is core/payloads.
 */
export { type AddressEntry, parseAddressList } from "./address.ts";
export { decodeCharset, isKnownCharset } from "./charset.ts";
export {
  type ContentDisposition,
  type ContentType,
  isMediaType,
  readDisposition,
  readLanguages,
} from "./content-fields.ts";
export { decodeHeaderText } from "./encoded-word.ts";
export { type Envelope, readEnvelope } from "./envelope.ts";
export { foldText } from "./fold-text.ts";
export { findField, findFields, type HeaderField, parseHeader, selectHeaderFields } from "./header.ts";
export { type MessageDate, parseMessageDate } from "./message-date.ts";
export {
  MessageParser,
  type OctetRange,
  type Part,
  type PartLayout,
  parseMessage,
} from "./message-parser.ts";
export {
  readSearchableText,
  type SearchableText,
  TextCollector,
} from "./message-text.ts";
export {
  decodeUtf8,
  encodeUtf8,
  fromOctetString,
  type OctetString,
  toOctetString,
} from "./octet-string.ts";
export type { Parameter } from "./parameters.ts";
export { makePreview } from "./preview.ts";
export { findPart, findSection, type SectionText } from "./section.ts";
export { createTransferDecoder, type TransferDecoder } from "./transfer-encoding.ts";
