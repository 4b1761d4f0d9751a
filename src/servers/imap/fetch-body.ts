import type { FetchItem, MessageSummary, PartialRange } from "../../core/imap/imap.ts";
import {
  createTransferDecoder,
  findPart,
  findSection,
  type OctetRange,
  type PartLayout,
  selectHeaderFields,
} from "../../core/mime/mime.ts";
import type { OpenMessage } from "../../storage/maildir/maildir.ts";
import { type Completion, no } from "./completion.ts";
import type { ResponseWriter } from "./response-writer.ts";

/** What of the message's octets is asked for, as they are or decoded. */
export type BodyItem = Exclude<FetchItem, { kind: "attribute" }>;

/** The message the octets are of. */
export interface BodySource {
  readonly summary: MessageSummary;
  /** Its file; may be missing where `isAnsweredBySummary`. */
  readonly opened: OpenMessage | undefined;
}

/** Whether the message's file is not needed. */
export function isAnsweredBySummary(item: BodyItem, summary: MessageSummary): boolean {
  return item.kind === "section" && fieldsFromSummary(item, summary) !== undefined;
}

/** Writes one item with its name. Of a part that is not there it says NIL. */
export async function writeBodyItem(
  out: ResponseWriter,
  item: BodyItem,
  source: BodySource,
): Promise<Completion | undefined> {
  switch (item.kind) {
    case "section":
      await writeSection(out, item, source);
      return undefined;
    case "binary":
      return writeBinary(out, item, source);
    case "binary-size":
      return writeBinarySize(out, item, source);
  }
}

type SectionItem = Extract<BodyItem, { kind: "section" }>;

async function writeSection(out: ResponseWriter, item: SectionItem, source: BodySource): Promise<void> {
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
  out.write(`{${end - start}}\r\n${text.slice(start, end)}`);
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
  for await (const octets of readRange(source, { start, end })) await out.writeOctets(octets);
}

function readRange({ opened }: BodySource, { start, end }: OctetRange): AsyncIterable<Uint8Array> {
  if (opened === undefined) throw new Error("The message is not open");
  return opened.read(start, end);
}

async function readWhole(source: BodySource, range: OctetRange): Promise<Uint8Array> {
  const whole = new Uint8Array(range.end - range.start);
  let at = 0;
  for await (const octets of readRange(source, range)) {
    whole.set(octets, at);
    at += octets.length;
  }
  return whole;
}

/** `<offset>` behind the name, when only a part was asked for (RFC 9051 §7.5.2). */
function formatOrigin(partial: PartialRange | undefined): string {
  return partial === undefined ? "" : `<${partial.offset}>`;
}

function cutRange({ start, end }: OctetRange, partial: PartialRange | undefined): OctetRange {
  if (partial === undefined) return { start, end };
  const from = Math.min(end, start + partial.offset);
  return { start: from, end: Math.min(end, from + partial.length) };
}

const UNKNOWN_ENCODING = no("UNKNOWN-CTE", "A part is encoded in a way that is not known here");

/**
 * BINARY: the part without its transfer encoding (RFC 3516 §4.2). It is decoded twice, first to learn how
 * long it is, so that no part has to fit into memory.
 */
async function writeBinary(
  out: ResponseWriter,
  item: Extract<BodyItem, { kind: "binary" }>,
  source: BodySource,
): Promise<Completion | undefined> {
  out.write(`BINARY[${item.path.join(".")}]${formatOrigin(item.partial)} `);
  const part = locate(source.summary.layout, item.path);
  const measured = part && (await measureDecoded(source, part));
  if (part === undefined || measured === undefined) {
    out.write("NIL");
    return part && UNKNOWN_ENCODING;
  }
  const { start, end } = cutRange({ start: 0, end: measured.octets }, item.partial);
  // Only a literal8 may have NUL in it.
  out.write(`${measured.hasNul ? "~" : ""}{${end - start}}\r\n`);
  let at = 0;
  for await (const octets of decode(source, part)) {
    const wanted = octets.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += octets.length;
    if (wanted.length > 0) await out.writeOctets(wanted);
    if (at >= end) break;
  }
  return undefined;
}

async function writeBinarySize(
  out: ResponseWriter,
  item: Extract<BodyItem, { kind: "binary-size" }>,
  source: BodySource,
): Promise<Completion | undefined> {
  const part = locate(source.summary.layout, item.path);
  const measured = part && (await measureDecoded(source, part));
  out.write(`BINARY.SIZE[${item.path.join(".")}] ${measured?.octets ?? 0}`);
  return part !== undefined && measured === undefined ? UNKNOWN_ENCODING : undefined;
}

interface Encoded {
  readonly range: OctetRange;
  readonly encoding: string;
}

/** Where a part is; only leaves have an encoding of their own, and the empty section is the message as it is. */
function locate(layout: PartLayout, path: readonly number[]): Encoded | undefined {
  const range = findSection(layout, path);
  const part = path.length === 0 ? undefined : findPart(layout, path);
  return range && { range, encoding: part?.kind === "leaf" ? part.encoding : "binary" };
}

async function measureDecoded(
  source: BodySource,
  part: Encoded,
): Promise<{ readonly octets: number; readonly hasNul: boolean } | undefined> {
  if (createTransferDecoder(part.encoding) === undefined) return undefined;
  let octets = 0;
  let hasNul = false;
  for await (const piece of decode(source, part)) {
    octets += piece.length;
    hasNul ||= piece.includes(0);
  }
  return { octets, hasNul };
}

async function* decode(source: BodySource, { range, encoding }: Encoded): AsyncGenerator<Uint8Array> {
  const decoder = createTransferDecoder(encoding);
  if (decoder === undefined) return;
  for await (const octets of readRange(source, range)) yield decoder.push(octets);
  yield decoder.end();
}
