import { type OctetString, toOctetString } from "./octet-string.ts";

/** One field of a header (RFC 5322 §2.2). */
export interface HeaderField {
  /** As written, without the colon. */
  readonly name: OctetString;
  /** Unfolded (RFC 5322 §2.2.3): line ends are gone, the white space that followed them stays. Outer white space is cut. */
  readonly value: OctetString;
}

/**
 * The fields of a header section in the order they are written. A line that is neither a field nor
 * the continuation of one ("From " of an mbox, damage) is passed over with its continuations.
 */
export function parseHeader(header: OctetString): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const { name, valueStart, end } of fieldLines(header)) {
    if (name !== undefined) fields.push({ name, value: unfold(header.slice(valueStart, end)) });
  }
  return fields;
}

/** Values of every field of that name, in order; names compare without regard to case. */
export function findFields(fields: readonly HeaderField[], name: string): OctetString[] {
  const wanted = name.toLowerCase();
  return fields.filter((field) => field.name.toLowerCase() === wanted).map((field) => field.value);
}

/** The first field of that name, if there is one. Its value decides where a sender wrote it twice. */
export function findField(fields: readonly HeaderField[], name: string): OctetString | undefined {
  const wanted = name.toLowerCase();
  return fields.find((field) => field.name.toLowerCase() === wanted)?.value;
}

/**
 * The fields called `names`, or all but those, exactly as written, and the empty line that ends a
 * header: what HEADER.FIELDS and HEADER.FIELDS.NOT answer (RFC 9051 §6.4.5).
 */
export function selectHeaderFields(
  header: Uint8Array,
  names: readonly string[],
  keep: "named" | "others",
): OctetString {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const text = toOctetString(header);
  let selected = "";
  for (const { name, start, end } of fieldLines(text)) {
    const isNamed = name !== undefined && wanted.has(name.toLowerCase());
    if (isNamed === (keep === "named")) selected += text.slice(start, end);
  }
  if (selected !== "" && !selected.endsWith("\n")) selected += "\r\n";
  return `${selected}\r\n`;
}

interface FieldLines {
  /** Undefined for a line that is no field. */
  readonly name: OctetString | undefined;
  /** The first octet behind the colon. */
  readonly valueStart: number;
  readonly start: number;
  /** Behind the line end of the last continuation. */
  readonly end: number;
}

/** Cuts a header into fields with their continuation lines, up to the empty line. */
function* fieldLines(header: OctetString): Generator<FieldLines> {
  let start = 0;
  while (start < header.length && !isEmptyLine(header, start)) {
    let end = lineEnd(header, start);
    const name = /^([!-9;-~\x80-\xff]+)[ \t]*:/.exec(
      header.slice(start, Math.min(end, start + MAX_NAME_OCTETS)),
    );
    while (isWhiteSpace(header[end])) end = lineEnd(header, end);
    yield { name: name?.[1], valueStart: start + (name?.[0].length ?? 0), start, end };
    start = end;
  }
}

/** A line with no colon so far in is not a field; RFC 5322 §2.1.1 allows no line longer than this. */
const MAX_NAME_OCTETS = 1000;

/** Removes the line ends of a folded value and the white space around it (RFC 5322 §2.2.3). */
export function unfold(value: OctetString): OctetString {
  const text = value.replace(/\r?\n/g, "");
  let [start, end] = [0, text.length];
  while (isWhiteSpace(text[start])) start++;
  while (end > start && (isWhiteSpace(text[end - 1]) || text[end - 1] === "\r")) end--;
  return text.slice(start, end);
}

function isEmptyLine(header: OctetString, at: number): boolean {
  return header[at] === "\n" || (header[at] === "\r" && header[at + 1] === "\n");
}

function isWhiteSpace(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

function lineEnd(header: OctetString, start: number): number {
  const newline = header.indexOf("\n", start);
  return newline < 0 ? header.length : newline + 1;
}
