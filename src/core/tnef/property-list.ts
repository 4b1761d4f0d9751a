import type { Instant } from "../icalendar/icalendar.ts";
import { cleanLine, cleanText, decodeCodePage, decodeUtf16 } from "./code-page.ts";
import { instantOfFileTime } from "./file-time.ts";
import { OctetCursor } from "./octet-cursor.ts";
import { type PropertyName, propertyOfName, propertyOfTag } from "./property-names.ts";

/** A property as it stands in the stream: its values are parts of it, not copies. */
interface Property {
  readonly type: number;
  readonly values: readonly Uint8Array[];
}

/** The properties of one object, those that `PROPERTY` knows. The first of a name counts. */
export interface PropertyList {
  readonly properties: ReadonlyMap<PropertyName, Property>;
  /** The Windows code page of its 8-bit strings. */
  readonly codePage: number;
  /** False when counts or lengths lied and the list was read up to there. */
  readonly intact: boolean;
}

/** Types of property values ([MS-OXCDATA] 2.11.1). */
const TYPE = {
  integer16: 0x0002,
  integer32: 0x0003,
  boolean: 0x000b,
  object: 0x000d,
  string8: 0x001e,
  string: 0x001f,
  time: 0x0040,
  binary: 0x0102,
} as const;

/** Octets of the values that have a fixed size ([MS-OXTNEF] 2.1.3.4). */
const FIXED_SIZES: ReadonlyMap<number, number> = new Map([
  [TYPE.integer16, 2],
  [TYPE.integer32, 4],
  [0x0004, 4], // float
  [0x0005, 8], // double
  [0x0006, 8], // currency
  [0x0007, 8], // OLE date
  [0x000a, 4], // error
  [TYPE.boolean, 2],
  [0x0014, 8], // 64-bit integer
  [TYPE.time, 8],
  [0x0048, 16], // GUID
]);

const MULTIPLE = 0x1000;
const FIRST_NAMED_ID = 0x8000;
const LEAST_PROPERTY_OCTETS = 8;
const LEAST_VALUE_OCTETS = 4;
// Only Keywords is read as more than one value; nobody tags a meeting with a hundred categories.
const MAX_VALUES = 100;
// The longest property name we know has 24 characters.
const MAX_NAME_OCTETS = 128;

/** Reads the property list at the cursor ([MS-OXTNEF] 2.1.3.4) and leaves the cursor behind it. */
export function readPropertyList(cursor: OctetCursor, codePage: number): PropertyList {
  const properties = new Map<PropertyName, Property>();
  const count = cursor.uint32();
  let intact = count * LEAST_PROPERTY_OCTETS <= cursor.remaining;
  for (let index = 0; index < count && intact; index++) {
    const type = cursor.uint16();
    const name = readName(cursor);
    const values = readValues(cursor, type);
    intact = values !== undefined && !cursor.overrun;
    if (intact && values !== undefined && name !== undefined && !properties.has(name)) {
      properties.set(name, { type, values });
    }
  }
  const list = { properties, codePage, intact: intact && !cursor.overrun };
  return { ...list, codePage: numberOf(list, "messageCodePage") ?? codePage };
}

export function emptyPropertyList(codePage: number): PropertyList {
  return { properties: new Map(), codePage, intact: true };
}

function readName(cursor: OctetCursor): PropertyName | undefined {
  const id = cursor.uint16();
  if (id < FIRST_NAMED_ID) return propertyOfTag(id);
  const guid = cursor.take(16);
  if (cursor.uint32() === 0) {
    const number = cursor.uint32();
    return cursor.overrun ? undefined : propertyOfName(guid, number);
  }
  const text = takePadded(cursor, cursor.uint32());
  if (cursor.overrun || text.length > MAX_NAME_OCTETS) return undefined;
  return propertyOfName(guid, cleanLine(decodeUtf16(text)));
}

/** The values of one property; undefined for a type or a count that cannot be. */
function readValues(cursor: OctetCursor, type: number): Uint8Array[] | undefined {
  const single = type & ~MULTIPLE;
  const size = FIXED_SIZES.get(single);
  if (size === undefined && !isVariable(single)) return undefined;
  const counted = size === undefined || (type & MULTIPLE) !== 0;
  const count = counted ? cursor.uint32() : 1;
  if (counted && count * LEAST_VALUE_OCTETS > cursor.remaining) return undefined;
  const values: Uint8Array[] = [];
  for (let index = 0; index < count && !cursor.overrun; index++) {
    const value = takePadded(cursor, size ?? cursor.uint32());
    if (values.length < MAX_VALUES) values.push(value);
  }
  return values;
}

function isVariable(type: number): boolean {
  return type === TYPE.string8 || type === TYPE.string || type === TYPE.binary || type === TYPE.object;
}

/** So many octets, and the padding to a multiple of four behind them, which the last ones may lack. */
function takePadded(cursor: OctetCursor, length: number): Uint8Array {
  const octets = cursor.take(length);
  cursor.skip(Math.min(-length & 3, cursor.remaining));
  return octets;
}

function typedProperty(
  list: PropertyList,
  name: PropertyName,
  types: readonly number[],
): Property | undefined {
  const property = list.properties.get(name);
  return property !== undefined && types.includes(property.type & ~MULTIPLE) ? property : undefined;
}

/** An integer, signed as MAPI's are. */
export function numberOf(list: Pick<PropertyList, "properties">, name: PropertyName): number | undefined {
  const property = list.properties.get(name);
  const value = property?.values[0];
  if (property === undefined || value === undefined) return undefined;
  if (property.type === TYPE.integer32) return new OctetCursor(value).int32();
  if (property.type === TYPE.integer16) return (new OctetCursor(value).uint16() << 16) >> 16;
  return undefined;
}

/** Whether a boolean is there and true. */
export function isSet(list: PropertyList, name: PropertyName): boolean {
  const value = typedProperty(list, name, [TYPE.boolean])?.values[0];
  return value !== undefined && new OctetCursor(value).uint16() !== 0;
}

/** A time, if it is there and lies in the years a calendar has. */
export function instantOf(list: PropertyList, name: PropertyName): Instant | undefined {
  const value = typedProperty(list, name, [TYPE.time])?.values[0];
  return value === undefined ? undefined : instantOfFileTime(value);
}

/** Binary data, not copied. */
export function octetsOf(list: PropertyList, name: PropertyName): Uint8Array | undefined {
  return typedProperty(list, name, [TYPE.binary])?.values[0];
}

/** An object's data with the 16 octets of its interface id in front, not copied. */
export function objectOf(list: PropertyList, name: PropertyName): Uint8Array | undefined {
  return typedProperty(list, name, [TYPE.object])?.values[0];
}

/** Text of any number of lines; undefined when it is missing or blank. */
export function textOf(list: PropertyList, name: PropertyName): string | undefined {
  return textsOf(list, name)[0];
}

/** Text on one line; undefined when it is missing or blank. */
export function lineOf(list: PropertyList, name: PropertyName): string | undefined {
  const text = textOf(list, name);
  return text === undefined ? undefined : cleanLine(text) || undefined;
}

/** The texts of a property of several values, without the blank ones. */
export function textsOf(list: PropertyList, name: PropertyName): string[] {
  const property = typedProperty(list, name, [TYPE.string8, TYPE.string]);
  if (property === undefined) return [];
  const wide = (property.type & ~MULTIPLE) === TYPE.string;
  return property.values
    .map((value) => cleanText(wide ? decodeUtf16(value) : decodeCodePage(value, list.codePage)))
    .filter((text) => text !== "");
}
