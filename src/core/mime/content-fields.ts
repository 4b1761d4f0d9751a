import { findField, findLastField, type HeaderField } from "./header.ts";
import type { OctetString } from "./octet-string.ts";
import { findParameter, type Parameter, parseParameters } from "./parameters.ts";
import { tokenize } from "./tokens.ts";

/** Media type of a part, as written (RFC 2045 §5). */
export interface ContentType {
  readonly type: OctetString;
  readonly subtype: OctetString;
  readonly parameters: readonly Parameter[];
}

/** Content-Disposition (RFC 2183 §2). */
export interface ContentDisposition {
  readonly type: OctetString;
  readonly parameters: readonly Parameter[];
}

/** What a part without Content-Type, or with one that cannot be read, is taken for (RFC 2045 §5.2). */
export const PLAIN_TEXT: ContentType = { type: "text", subtype: "plain", parameters: [] };

/** What a part of a digest without Content-Type is (RFC 2046 §5.1.5). */
export const NESTED_MESSAGE: ContentType = { type: "message", subtype: "rfc822", parameters: [] };

/** What is nested too deep to be looked into. */
export const UNKNOWN_OCTETS: ContentType = { type: "application", subtype: "octet-stream", parameters: [] };

/** `type/subtype`, two tokens (RFC 2045 §5.1). */
const MEDIA_TYPE = /^[ \t]*([!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+)[ \t]*\/[ \t]*([!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+)/;

/**
 * Parses the value of Content-Type; undefined when it does not begin with a type.
 * QUIRK: CDO for Windows 2000 leaves out the semicolon before the first parameter.
 */
export function parseContentType(value: OctetString): ContentType | undefined {
  const [whole, type, subtype] = MEDIA_TYPE.exec(value) ?? [];
  if (whole === undefined || type === undefined || subtype === undefined) return undefined;
  return { type, subtype, parameters: parseParameters(value.slice(whole.length)) };
}

/** Content-Transfer-Encoding as written, `7bit` where there is none (RFC 2045 §6.1). */
export function readTransferEncoding(fields: readonly HeaderField[]): OctetString {
  return firstWord(findField(fields, "Content-Transfer-Encoding")) ?? "7bit";
}

/** Content-Disposition, if the part has one; of two the last, which is what Dovecot's clients know. */
export function readDisposition(fields: readonly HeaderField[]): ContentDisposition | undefined {
  const value = findLastField(fields, "Content-Disposition");
  if (value === undefined) return undefined;
  const type = firstWord(value);
  const semicolon = value.indexOf(";");
  const parameters = semicolon < 0 ? [] : parseParameters(value.slice(semicolon));
  return type === undefined ? undefined : { type, parameters };
}

/** The language tags of Content-Language, in order (RFC 3282 §2). */
export function readLanguages(fields: readonly HeaderField[]): OctetString[] {
  const value = findField(fields, "Content-Language");
  if (value === undefined) return [];
  return tokenize(value, ",")
    .filter((token) => token.kind === "word" || token.kind === "quoted")
    .map((token) => token.text);
}

/** Whether the type is this one; both names compare without regard to case (RFC 2045 §5.1). */
export function isMediaType(contentType: ContentType, type: string, subtype?: string): boolean {
  return (
    contentType.type.toLowerCase() === type &&
    (subtype === undefined || contentType.subtype.toLowerCase() === subtype)
  );
}

/** The charset of a text part in lower case; US-ASCII is the default (RFC 2046 §4.1.2). */
export function charsetOf(contentType: ContentType): string {
  return findParameter(contentType.parameters, "charset")?.toLowerCase() ?? "us-ascii";
}

/** What nearly all values begin with: no quote, no comment. */
const FIRST_WORD = /^[^ \t\r\n"(;]+/;

function firstWord(value: OctetString | undefined): OctetString | undefined {
  if (value === undefined) return undefined;
  const [word] = FIRST_WORD.exec(value) ?? [];
  return word ?? tokenize(value, ";").find((token) => token.kind === "word" || token.kind === "quoted")?.text;
}
