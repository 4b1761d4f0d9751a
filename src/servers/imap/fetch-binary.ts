import {
  createTransferDecoder,
  findPart,
  findSection,
  type OctetRange,
  type PartLayout,
} from "../../core/mime/mime.ts";
import {
  type BodyItem,
  type BodySource,
  cutRange,
  formatOrigin,
  layoutOf,
  readRange,
} from "./body-source.ts";
import { type Completion, no } from "./completion.ts";
import type { ResponseWriter } from "./response-writer.ts";

const UNKNOWN_ENCODING = no("UNKNOWN-CTE", "A part is encoded in a way that is not known here");

/**
 * BINARY: the part without its transfer encoding (RFC 3516 §4.2). It is decoded twice, first to learn how
 * long it is, so that no part has to fit into memory.
 */
export async function writeBinary(
  out: ResponseWriter,
  item: Extract<BodyItem, { kind: "binary" }>,
  source: BodySource,
): Promise<Completion | undefined> {
  out.write(`BINARY[${item.path.join(".")}]${formatOrigin(item.partial)} `);
  const part = locate(layoutOf(source), item.path);
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

/** BINARY.SIZE: the octets of the part when it is decoded (RFC 3516 §4.3). */
export async function writeBinarySize(
  out: ResponseWriter,
  item: Extract<BodyItem, { kind: "binary-size" }>,
  source: BodySource,
): Promise<Completion | undefined> {
  const part = locate(layoutOf(source), item.path);
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
