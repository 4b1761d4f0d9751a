import {
  findField,
  isMediaType,
  type OctetString,
  type Parameter,
  type Part,
  readDisposition,
  readEnvelope,
  readLanguages,
} from "../mime/mime.ts";
import { formatEnvelope } from "./envelope-format.ts";
import { formatList, formatNString, formatString } from "./strings.ts";

/**
 * The value of BODYSTRUCTURE with all extension data, or of BODY without any (RFC 9051 §7.5.2,
 * `body` in §9).
 */
export function formatBodyStructure(part: Part, form: "extended" | "basic"): OctetString {
  const isExtended = form === "extended";
  const { type, subtype, parameters } = part.contentType;
  if (part.kind === "multipart") {
    const inner = part.parts.map((child) => formatBodyStructure(child, form)).join("");
    if (!isExtended) return `(${inner} ${formatString(subtype)})`;
    return `(${inner} ${formatString(subtype)} ${formatParameters(parameters)} ${formatExtension(part)})`;
  }
  const isText = isMediaType(part.contentType, "text");
  const items = [
    formatString(type),
    formatString(subtype),
    formatParameters(isText ? withCharset(parameters) : parameters),
    formatNString(findField(part.fields, "Content-ID")),
    formatNString(findField(part.fields, "Content-Description")),
    formatString(part.encoding),
    `${part.body.end - part.body.start}`,
  ];
  const message = part.kind === "message" ? part.parts[0] : undefined;
  if (message !== undefined) {
    items.push(formatEnvelope(readEnvelope(message.fields)), formatBodyStructure(message, form));
  }
  if (message !== undefined || isText) items.push(`${part.bodyLines}`);
  if (isExtended) items.push(formatNString(findField(part.fields, "Content-MD5")), formatExtension(part));
  return formatList(items);
}

/** Disposition, language and location, which all parts have in this order. */
function formatExtension(part: Part): OctetString {
  const disposition = readDisposition(part.fields);
  const languages = readLanguages(part.fields).map(formatString);
  return [
    disposition === undefined
      ? "NIL"
      : formatList([formatString(disposition.type), formatParameters(disposition.parameters)]),
    languages.length > 0 ? formatList(languages) : "NIL",
    formatNString(findField(part.fields, "Content-Location")),
  ].join(" ");
}

function formatParameters(parameters: readonly Parameter[]): OctetString {
  if (parameters.length === 0) return "NIL";
  return formatList(parameters.flatMap(({ name, value }) => [formatString(name), formatString(value)]));
}

/** Text without a charset is US-ASCII (RFC 2046 §4.1.2); Dovecot says so and clients came to rely on it. */
function withCharset(parameters: readonly Parameter[]): readonly Parameter[] {
  const isNamed = parameters.some(({ name }) => name.toLowerCase() === "charset");
  return isNamed ? parameters : [...parameters, { name: "charset", value: "us-ascii" }];
}
