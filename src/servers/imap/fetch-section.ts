import type { MessageSummary, PartialRange } from "../../core/imap/imap.ts";
import { findSection, type OctetRange, selectHeaderFields } from "../../core/mime/mime.ts";
import {
  type BodyItem,
  type BodySource,
  cutRange,
  formatOrigin,
  readRange,
  readWhole,
} from "./body-source.ts";
import type { ResponseWriter } from "./response-writer.ts";

type SectionItem = Extract<BodyItem, { kind: "section" }>;

/** Whether the message's octets are not needed. */
export function isAnsweredBySummary(item: BodyItem, summary: MessageSummary): boolean {
  return item.kind === "section" && fieldsFromSummary(item, summary) !== undefined;
}

/** BODY[…] and its old names: the octets of a section; NIL for a part that is not there. */
export async function writeSection(
  out: ResponseWriter,
  item: SectionItem,
  source: BodySource,
): Promise<void> {
  out.write(`${item.label}${formatOrigin(item.partial)} `);
  const listed = fieldsFromSummary(item, source.summary);
  if (listed !== undefined) return writeText(out, listed, item.partial);
  const range = findSection(source.summary.layout, item.section.path, item.section.text);
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

/** The fields asked for, where they are of the message's own header and among those that are listed. */
function fieldsFromSummary({ section }: SectionItem, summary: MessageSummary): string | undefined {
  if (section.path.length > 0 || section.fields?.keep !== "named") return undefined;
  return summary.selectFields(section.fields.names);
}

async function fieldsFromFile(
  { section }: SectionItem,
  source: BodySource,
  range: OctetRange,
): Promise<string> {
  const header = await readWhole(source, range);
  return selectHeaderFields(header, section.fields?.names ?? [], section.fields?.keep ?? "named");
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
