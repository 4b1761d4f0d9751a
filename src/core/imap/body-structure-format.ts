import {
  findField,
  type HeaderField,
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

/** What a message consists of, as the two items say it (RFC 9051 §7.5.2, `body` in §9). */
export interface FormattedStructure {
  /** BODYSTRUCTURE's value, with all extension data. */
  readonly extended: OctetString;
  /** BODY's value, without any. */
  readonly basic: OctetString;
}

/** Makes both in one go: they hardly differ. */
export function formatBodyStructure(part: Part): FormattedStructure {
  return part.kind === "multipart" ? formatMultipart(part) : formatSinglePart(part);
}

function formatMultipart(part: Part): FormattedStructure {
  const { subtype, parameters } = part.contentType;
  const name = formatString(subtype);
  let [extended, basic] = ["(", "("];
  for (const child of part.parts) {
    const formatted = formatBodyStructure(child);
    extended += formatted.extended;
    basic += formatted.basic;
  }
  const extension = formatExtension(part.fields);
  return {
    extended: `${extended} ${name} ${formatParameters(parameters)} ${extension})`,
    basic: `${basic} ${name})`,
  };
}

function formatSinglePart(part: Part): FormattedStructure {
  const { type, subtype, parameters } = part.contentType;
  const { fields } = part;
  const isText = isMediaType(part.contentType, "text");
  const items = [
    formatString(type),
    formatString(subtype),
    formatParameters(isText ? withCharset(parameters) : parameters),
    formatNString(findField(fields, "Content-ID")),
    formatNString(findField(fields, "Content-Description")),
    formatString(part.encoding),
    `${part.body.end - part.body.start}`,
  ];
  const start = `(${items.join(" ")}`;
  const end = ` ${formatNString(findField(fields, "Content-MD5"))} ${formatExtension(fields)})`;
  const message = part.kind === "message" ? part.parts[0] : undefined;
  if (message === undefined) {
    const lines = isText ? ` ${part.bodyLines}` : "";
    return { extended: start + lines + end, basic: `${start}${lines})` };
  }
  const envelope = formatEnvelope(readEnvelope(message.fields));
  const inner = formatBodyStructure(message);
  return {
    extended: `${start} ${envelope} ${inner.extended} ${part.bodyLines}${end}`,
    basic: `${start} ${envelope} ${inner.basic} ${part.bodyLines})`,
  };
}

/** Disposition, language and location, which all parts have in this order. */
function formatExtension(fields: readonly HeaderField[]): OctetString {
  const disposition = readDisposition(fields);
  const disposed =
    disposition === undefined
      ? "NIL"
      : `(${formatString(disposition.type)} ${formatParameters(disposition.parameters)})`;
  const languages = readLanguages(fields);
  const spoken = languages.length > 0 ? formatList(languages.map(formatString)) : "NIL";
  return `${disposed} ${spoken} ${formatNString(findField(fields, "Content-Location"))}`;
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
