import type { OctetString } from "./octet-string.ts";

/** One field of a header (RFC 5322 §2.2). */
export interface HeaderField {
  /** As written, without the colon. */
  readonly name: OctetString;
  /** Unfolded (RFC 5322 §2.2.3): line ends are gone, the white space that followed them stays. Outer white space is cut. */
  readonly value: OctetString;
}

/**
 * The fields of a header section in the order they are written, or only those of the `wanted` names, which are
 * in lower case. A line that is neither a field nor the continuation of one ("From " of an mbox, damage)
 * is passed over with its continuations.
 */
export function parseHeader(header: OctetString, wanted?: ReadonlySet<string>): HeaderField[] {
  const fields: HeaderField[] = [];
  const cursor = new FieldCursor(header);
  while (cursor.next()) {
    const { name } = cursor;
    if (name === undefined || (wanted !== undefined && !wanted.has(name.toLowerCase()))) continue;
    fields.push(new WrittenField(name, header, cursor));
  }
  return fields;
}

/** Its value is unfolded when it is asked for first: of Received, signatures and most others nobody asks. */
class WrittenField implements HeaderField {
  readonly name: OctetString;
  readonly #header: OctetString;
  readonly #start: number;
  readonly #end: number;
  #value: OctetString | undefined;

  constructor(name: OctetString, header: OctetString, { valueStart, end }: FieldCursor) {
    this.name = name;
    this.#header = header;
    this.#start = valueStart;
    this.#end = end;
  }

  get value(): OctetString {
    this.#value ??= valueBetween(this.#header, this.#start, this.#end);
    return this.#value;
  }
}

/** Values of every field of that name, in order; names compare without regard to case. */
export function findFields(fields: readonly HeaderField[], name: string): OctetString[] {
  const wanted = name.toLowerCase();
  const values: OctetString[] = [];
  for (const field of fields) if (isNamed(field, wanted)) values.push(field.value);
  return values;
}

/** The last of them. */
export function findLastField(fields: readonly HeaderField[], name: string): OctetString | undefined {
  const wanted = name.toLowerCase();
  for (let at = fields.length - 1; at >= 0; at--) {
    const field = fields[at];
    if (field !== undefined && isNamed(field, wanted)) return field.value;
  }
  return undefined;
}

/** The first field of that name, if there is one. Its value decides where a sender wrote it twice. */
export function findField(fields: readonly HeaderField[], name: string): OctetString | undefined {
  const wanted = name.toLowerCase();
  for (const field of fields) if (isNamed(field, wanted)) return field.value;
  return undefined;
}

/** `wanted` is in lower case. The length tells most names apart without making one of them lower. */
function isNamed({ name }: HeaderField, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/**
 * The fields of the `wanted` names, which are in lower case, or all but those, exactly as written, and the empty line that ends a
 * header: what HEADER.FIELDS and HEADER.FIELDS.NOT answer (RFC 9051 §6.4.5).
 */
export function selectHeaderFields(
  header: OctetString,
  wanted: ReadonlySet<string>,
  keep: "named" | "others",
): OctetString {
  let selected = "";
  let [start, end] = [0, 0]; // of those that are next to each other
  const cursor = new FieldCursor(header);
  while (cursor.next()) {
    const isListed = cursor.name !== undefined && wanted.has(cursor.name.toLowerCase());
    if (isListed !== (keep === "named")) continue;
    if (cursor.start !== end) {
      selected += header.slice(start, end);
      start = cursor.start;
    }
    end = cursor.end;
  }
  selected += header.slice(start, end);
  if (selected !== "" && !selected.endsWith("\n")) selected += "\r\n";
  return `${selected}\r\n`;
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** Goes through a header field by field, with their continuation lines, up to the empty line. */
class FieldCursor {
  readonly #header: OctetString;
  /** Undefined for a line that is no field. */
  name: OctetString | undefined;
  start = 0;
  /** The first octet behind the colon. */
  valueStart = 0;
  /** Behind the line end of the last continuation. */
  end = 0;

  constructor(header: OctetString) {
    this.#header = header;
  }

  next(): boolean {
    const header = this.#header;
    const start = this.end;
    if (start >= header.length || isEmptyLine(header, start)) return false;
    let end = lineEnd(header, start);
    const nameEnd = endOfName(header, start, end);
    let colon = nameEnd;
    while (isWhiteSpace(header.charCodeAt(colon))) colon++; // obsolete, but read (RFC 5322 §4.5)
    const isField = nameEnd > start && header.charCodeAt(colon) === COLON;
    while (isWhiteSpace(header.charCodeAt(end))) end = lineEnd(header, end);
    this.name = isField ? header.slice(start, nameEnd) : undefined;
    this.start = start;
    this.valueStart = colon + 1;
    this.end = end;
    return true;
  }
}

/** A name is of printable characters without the colon (RFC 5322 §2.2), or of UTF-8 (RFC 6532 §3.2). */
function endOfName(header: OctetString, start: number, end: number): number {
  let at = start;
  for (; at < end; at++) {
    const octet = header.charCodeAt(at);
    if (octet <= SPACE || octet === COLON || octet === 0x7f) break;
  }
  return at;
}

/** The value that stands there unfolded: what is on one line needs nothing but to be cut out. */
function valueBetween(header: OctetString, from: number, to: number): OctetString {
  let [start, end] = [from, to];
  while (isWhiteSpace(header.charCodeAt(start))) start++;
  while (end > start && isBlank(header.charCodeAt(end - 1))) end--;
  const value = header.slice(start, end);
  return value.includes("\n") ? unfold(value) : value;
}

/** Removes the line ends of a folded value and the white space around it (RFC 5322 §2.2.3). */
export function unfold(value: OctetString): OctetString {
  const text = value.includes("\n") ? value.replace(/\r?\n/g, "") : value;
  let [start, end] = [0, text.length];
  while (isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isEmptyLine(header: OctetString, at: number): boolean {
  const octet = header.charCodeAt(at);
  return octet === NEWLINE || (octet === RETURN && header.charCodeAt(at + 1) === NEWLINE);
}

function isBlank(octet: number): boolean {
  return isWhiteSpace(octet) || octet === RETURN || octet === NEWLINE;
}

function isWhiteSpace(octet: number): boolean {
  return octet === SPACE || octet === TAB;
}

function lineEnd(header: OctetString, start: number): number {
  const newline = header.indexOf("\n", start);
  return newline < 0 ? header.length : newline + 1;
}
