import { areListed, type MessageSummary, type PartialRange } from "../../core/imap/imap.ts";
import { findSection, type OctetRange, selectHeaderFields, toOctetString } from "../../core/mime/mime.ts";
import {
  type BodyItem,
  type BodySource,
  cutRange,
  formatOrigin,
  layoutOf,
  readRange,
  readWhole,
} from "./body-source.ts";
import type { ResponseWriter } from "./response-writer.ts";

type SectionItem = Extract<BodyItem, { kind: "section" }>;

/** Whether all octets of the message are asked for, so that nothing of it need be known. */
export function isWholeMessage(item: BodyItem): boolean {
  return item.kind === "section" && item.section.path.length === 0 && item.section.text === undefined;
}

/** Fields of the message's own header that are among those that a summary lists. */
export interface ListedItem extends SectionItem {
  readonly section: SectionItem["section"] & {
    readonly fields: NonNullable<SectionItem["section"]["fields"]>;
  };
}

/** Whether only fields are asked for that summaries have, but for those of messages with a very long header. */
export function isListed(item: BodyItem): item is ListedItem {
  if (item.kind !== "section" || item.section.path.length > 0) return false;
  return item.section.fields?.keep === "named" && areListed(item.section.fields.lowerCase);
}

/** Whether the message's octets are not needed. */
export function isAnsweredBySummary(item: BodyItem, summary: MessageSummary): item is ListedItem {
  return isListed(item) && summary.hasHeader;
}

/** What the summary answers. */
export function writeListed(out: ResponseWriter, item: ListedItem, summary: MessageSummary): void {
  out.write(`${item.label}${formatOrigin(item.partial)} `);
  writeText(out, summary.selectFields(item.section.fields.lowerCase) ?? "", item.partial);
}

/** BODY[…] and its old names: the octets of a section; NIL for a part that is not there. */
export async function writeSection(
  out: ResponseWriter,
  item: SectionItem,
  source: BodySource,
): Promise<void> {
  const { summary } = source;
  if (summary !== undefined && isAnsweredBySummary(item, summary)) return writeListed(out, item, summary);
  out.write(`${item.label}${formatOrigin(item.partial)} `);
  const range = isWholeMessage(item)
    ? { start: 0, end: source.opened?.octets ?? 0 }
    : findSection(layoutOf(source), item.section.path, item.section.text);
  if (range === undefined) out.write("NIL");
  else if (item.section.fields !== undefined) {
    writeText(out, await fieldsFromFile(item, source, range), item.partial);
  } else {
    await writeRange(out, source, cutRange(range, item.partial));
  }
}

function writeText(out: ResponseWriter, text: string, partial: PartialRange | undefined): void {
  const { start, end } = cutRange({ start: 0, end: text.length }, partial);
  out.write(`{${end - start}}\r\n${text.slice(start, end).replaceAll("\0", "\x80")}`);
}

async function fieldsFromFile(
  { section }: SectionItem,
  source: BodySource,
  range: OctetRange,
): Promise<string> {
  const header = toOctetString(await readWhole(source, range));
  return selectHeaderFields(header, section.fields?.lowerCase ?? new Set(), section.fields?.keep ?? "named");
}

async function writeRange(
  out: ResponseWriter,
  source: BodySource,
  { start, end }: OctetRange,
): Promise<void> {
  out.write(`{${end - start}}\r\n`);
  for await (const octets of readRange(source, { start, end })) await out.writeOctets(withoutNul(octets));
}

/** No literal may have NUL in it (RFC 9051 §4.3); Dovecot, too, makes it 0x80. BINARY gives the octets as they are. */
function withoutNul(octets: Uint8Array): Uint8Array {
  return octets.includes(0) ? octets.map((octet) => octet || 0x80) : octets;
}
