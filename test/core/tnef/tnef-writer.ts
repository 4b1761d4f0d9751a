/** Writes TNEF streams for tests: what Outlook would send. The reader's opposite, sharing no code with it. */

/** A property as it is written: the octets of a tag or a name, then type and values. */
export interface WrittenProperty {
  readonly id: Uint8Array;
  readonly type: number;
  readonly values: readonly Uint8Array[];
}

export const LEVEL = { message: 1, attachment: 2 } as const;

/** Full attribute ids, type in the high half ([MS-OXTNEF] 2.1.3.2). */
export const ATTRIBUTE_ID = {
  tnefVersion: 0x00089006,
  oemCodePage: 0x00069007,
  messageClass: 0x00078008,
  subject: 0x00018004,
  body: 0x0002800c,
  dateStart: 0x00030006,
  dateEnd: 0x00030007,
  owner: 0x00060000,
  messageProperties: 0x00069003,
  recipientTable: 0x00069004,
  attachRendData: 0x00069002,
  attachData: 0x0006800f,
  attachTitle: 0x00018010,
  attachment: 0x00069005,
} as const;

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff);
}

export function uint32(value: number): Uint8Array {
  return concat(uint16(value & 0xffff), uint16(value >>> 16));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function hex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, "hex"));
}

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

export function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "utf16le"));
}

/** Text in a single-octet code page; fails for what is not in it. */
export function inCodePage(text: string, label: string): Uint8Array {
  const decoder = new TextDecoder(label);
  const table = new Map(
    Array.from({ length: 256 }, (_, octet) => [decoder.decode(Uint8Array.of(octet)), octet] as const),
  );
  return Uint8Array.from([...text], (character) => {
    const octet = table.get(character);
    if (octet === undefined) throw new Error(`"${character}" is not in ${label}`);
    return octet;
  });
}

export function attribute(level: number, id: number, data: Uint8Array): Uint8Array {
  const checksum = data.reduce((sum, octet) => (sum + octet) % 65536, 0);
  return concat(Uint8Array.of(level), uint32(id), uint32(data.length), data, uint16(checksum));
}

export function stream(...attributes: readonly Uint8Array[]): Uint8Array {
  return concat(hex("789f3e220100"), ...attributes);
}

/** The attributes every message starts with. */
export function messageHead(messageClass: string, codePage = 1252): Uint8Array {
  return concat(
    attribute(LEVEL.message, ATTRIBUTE_ID.tnefVersion, uint32(0x00010000)),
    attribute(LEVEL.message, ATTRIBUTE_ID.oemCodePage, concat(uint32(codePage), uint32(0))),
    attribute(LEVEL.message, ATTRIBUTE_ID.messageClass, ascii(`${messageClass}\0`)),
  );
}

export function messageProperties(...properties: readonly WrittenProperty[]): Uint8Array {
  return attribute(LEVEL.message, ATTRIBUTE_ID.messageProperties, propertyList(properties));
}

export function recipientTable(rows: readonly (readonly WrittenProperty[])[]): Uint8Array {
  const data = concat(uint32(rows.length), ...rows.map(propertyList));
  return attribute(LEVEL.message, ATTRIBUTE_ID.recipientTable, data);
}

export function file(name: string, content: Uint8Array): Uint8Array {
  return concat(
    attribute(LEVEL.attachment, ATTRIBUTE_ID.attachRendData, new Uint8Array(14)),
    attribute(LEVEL.attachment, ATTRIBUTE_ID.attachTitle, ascii(`${name}\0`)),
    attribute(LEVEL.attachment, ATTRIBUTE_ID.attachData, content),
  );
}

/** A message attached as an object, with the text that Outlook shows to readers who know no objects. */
export function embedded(message: Uint8Array): Uint8Array {
  const object = concat(hex("0703020000000000c000000000000046"), message);
  const properties = propertyList([{ id: uint16(0x3701), type: 0x000d, values: [object] }]);
  return concat(
    attribute(LEVEL.attachment, ATTRIBUTE_ID.attachRendData, new Uint8Array(14)),
    attribute(LEVEL.attachment, ATTRIBUTE_ID.attachData, ascii("This is a message.")),
    attribute(LEVEL.attachment, ATTRIBUTE_ID.attachment, properties),
  );
}

export function propertyList(properties: readonly WrittenProperty[]): Uint8Array {
  return concat(uint32(properties.length), ...properties.map(writtenProperty));
}

function writtenProperty({ id, type, values }: WrittenProperty): Uint8Array {
  const single = type & 0xfff;
  const isVariable = single === 0x001e || single === 0x001f || single === 0x0102 || single === 0x000d;
  const counted = isVariable || (type & 0x1000) !== 0;
  return concat(
    uint16(type),
    id,
    counted ? uint32(values.length) : new Uint8Array(),
    ...values.map((value) => (isVariable ? concat(uint32(value.length), padded(value)) : padded(value))),
  );
}

function padded(octets: Uint8Array): Uint8Array {
  return concat(octets, new Uint8Array(-octets.length & 3));
}

const SETS = {
  appointment: "0220060000000000c000000000000046",
  common: "0820060000000000c000000000000046",
  meeting: "90dad86e0b451b1098da00aa003f1305",
  public: "2903020000000000c000000000000046",
} as const;

/** The number of a named property is of one message only; the tests shift it to see that nobody looks. */
const FIRST_NAMED_ID = 0x8000;
const NAMED_IDS = 0x7fff;
let namedIdsGiven = 0;

export function startNamedIdsAt(id: number): void {
  namedIdsGiven = id - FIRST_NAMED_ID;
}

function nextNamedId(): number {
  return FIRST_NAMED_ID + (namedIdsGiven++ % NAMED_IDS);
}

export function tag(id: number): Uint8Array {
  return uint16(id);
}

export function named(set: keyof typeof SETS, name: number | string): Uint8Array {
  const id = concat(uint16(nextNamedId()), hex(SETS[set]));
  if (typeof name === "number") return concat(id, uint32(0), uint32(name));
  const text = utf16(`${name}\0`);
  return concat(id, uint32(1), uint32(text.length), padded(text));
}

export function int32(id: Uint8Array, value: number): WrittenProperty {
  return { id, type: 0x0003, values: [uint32(value)] };
}

export function int16(id: Uint8Array, value: number): WrittenProperty {
  return { id, type: 0x0002, values: [uint16(value)] };
}

export function flag(id: Uint8Array, value: boolean): WrittenProperty {
  return { id, type: 0x000b, values: [uint16(value ? 1 : 0)] };
}

/** Seconds since 1970 as FILETIME. */
export function time(id: Uint8Array, instant: number): WrittenProperty {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigUint64(0, (BigInt(instant) + 11_644_473_600n) * 10_000_000n, true);
  return { id, type: 0x0040, values: [octets] };
}

export function wide(id: Uint8Array, text: string): WrittenProperty {
  return { id, type: 0x001f, values: [utf16(`${text}\0`)] };
}

export function narrow(id: Uint8Array, text: string, label = "windows-1252"): WrittenProperty {
  return { id, type: 0x001e, values: [concat(inCodePage(text, label), Uint8Array.of(0))] };
}

export function wideList(id: Uint8Array, texts: readonly string[]): WrittenProperty {
  return { id, type: 0x101f, values: texts.map((text) => utf16(`${text}\0`)) };
}

export function binary(id: Uint8Array, octets: Uint8Array): WrittenProperty {
  return { id, type: 0x0102, values: [octets] };
}
