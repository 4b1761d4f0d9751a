import type { OctetRange, PartLayout } from "./message-parser.ts";

/** What of a part is wanted; without it, the body (RFC 9051 §6.4.5.1). */
export type SectionText = "header" | "text" | "mime";

/**
 * The octets of a section, or undefined when the message has no such section. The empty path means
 * the message itself; `1` of a message that is no multipart is its only part; `header` and `text` of
 * a part exist where that part is a message.
 */
export function findSection(
  message: PartLayout,
  path: readonly number[],
  text?: SectionText,
): OctetRange | undefined {
  if (path.length === 0) {
    if (text === undefined) return { start: message.header.start, end: message.body.end };
    return text === "text" ? message.body : message.header;
  }
  const part = findPart(message, path);
  if (text === undefined) return part?.body;
  if (text === "mime") return part?.header;
  const inner = part?.kind === "message" ? part.parts[0] : undefined;
  return text === "header" ? inner?.header : inner?.body;
}

/** The part at a path of numbers from 1; the empty path is the message. */
export function findPart<Layout extends PartLayout & { readonly parts: readonly Layout[] }>(
  message: Layout,
  path: readonly number[],
): Layout | undefined {
  let part: Layout | undefined = message;
  let parts = partsOfMessage(message);
  for (const number of path) {
    part = parts[number - 1];
    if (part === undefined) return undefined;
    const inner: Layout | undefined = part.kind === "message" ? part.parts[0] : undefined;
    if (inner !== undefined) parts = partsOfMessage(inner);
    else parts = part.kind === "multipart" ? part.parts : [];
  }
  return part;
}

/** A message that is no multipart has one part, itself (RFC 9051 §6.4.5.1). */
function partsOfMessage<Layout extends PartLayout & { readonly parts: readonly Layout[] }>(
  message: Layout,
): readonly Layout[] {
  return message.kind === "multipart" ? message.parts : [message];
}
