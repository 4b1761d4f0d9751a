import { cleanLine, decodeUtf16 } from "./code-page.ts";
import { OctetCursor } from "./octet-cursor.ts";
import type { ZoneChange, ZoneRules } from "./zone-rules.ts";

/** A Windows zone with its rules over the years. */
export interface ZoneDefinition {
  /** The name Windows knows it by, such as `W. Europe Standard Time`. */
  readonly name: string;
  readonly rules: readonly DatedRules[];
}

interface DatedRules {
  /** The first year they hold. */
  readonly year: number;
  /** Marked by the sender as those that hold for this meeting. */
  readonly effective: boolean;
  readonly rules: ZoneRules;
}

const STRUCT_OCTETS = 48;
const VERSION = 0x0102;
const FLAG_EFFECTIVE = 0x0002;
// A zone that changed its rules more often than this in the age of Windows does not exist.
const MAX_RULES = 100;
const MAX_NAME_CHARACTERS = 255;
const MAX_BIAS_MINUTES = 24 * 60;

/** Reads PidLidTimeZoneStruct ([MS-OXOCAL] 2.2.1.39). Undefined when it describes no zone there can be. */
export function parseTimeZoneStruct(octets: Uint8Array): ZoneRules | undefined {
  if (octets.length < STRUCT_OCTETS) return undefined;
  const cursor = new OctetCursor(octets);
  const biases = readBiases(cursor);
  cursor.skip(2); // the year is in the date again
  const standard = cursor.take(16);
  cursor.skip(2);
  return zoneRules(biases, standard, cursor.take(16));
}

/** Reads a time zone definition ([MS-OXOCAL] 2.2.1.41). Undefined when it describes no zone there can be. */
export function parseTimeZoneDefinition(octets: Uint8Array): ZoneDefinition | undefined {
  const cursor = new OctetCursor(octets);
  if (cursor.uint16() !== VERSION) return undefined;
  cursor.skip(4); // the header's size follows from the length of the name
  const characters = cursor.uint16();
  if (characters > MAX_NAME_CHARACTERS) return undefined;
  const name = cleanLine(decodeUtf16(cursor.take(characters * 2)));
  const count = cursor.uint16();
  if (count < 1 || count > MAX_RULES) return undefined;
  const rules: DatedRules[] = [];
  for (let index = 0; index < count && !cursor.overrun; index++) {
    const dated = readDatedRules(cursor);
    if (dated === undefined) return undefined;
    rules.push(dated);
  }
  return cursor.overrun || name === "" ? undefined : { name, rules };
}

/** The rules that hold for a meeting of that year: those marked, else those of the year, else the first. */
export function rulesFor(definition: ZoneDefinition, year: number): ZoneRules | undefined {
  const marked = definition.rules.find(({ effective }) => effective);
  const byYear = definition.rules.filter((dated) => dated.year <= year).sort((a, b) => b.year - a.year);
  return (marked ?? byYear[0] ?? definition.rules[0])?.rules;
}

/** Whether two rules keep the same clocks. */
export function isSameZone(a: ZoneRules, b: ZoneRules): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function readDatedRules(cursor: OctetCursor): DatedRules | undefined {
  cursor.skip(4); // version and size
  const flags = cursor.uint16();
  const year = cursor.uint16();
  cursor.skip(14);
  const biases = readBiases(cursor);
  const rules = zoneRules(biases, cursor.take(16), cursor.take(16));
  return rules === undefined ? undefined : { year, effective: (flags & FLAG_EFFECTIVE) !== 0, rules };
}

interface Biases {
  readonly bias: number;
  readonly standard: number;
  readonly daylight: number;
}

function readBiases(cursor: OctetCursor): Biases {
  return { bias: cursor.int32(), standard: cursor.int32(), daylight: cursor.int32() };
}

/** Biases are minutes that make local time UTC, so an offset is their negative. */
function zoneRules(
  biases: Biases,
  standardDate: Uint8Array,
  daylightDate: Uint8Array,
): ZoneRules | undefined {
  const standardBias = biases.bias + biases.standard;
  const daylightBias = biases.bias + biases.daylight;
  if (Math.abs(standardBias) > MAX_BIAS_MINUTES || Math.abs(daylightBias) > MAX_BIAS_MINUTES)
    return undefined;
  const standardOffset = 0 - standardBias * 60;
  if (isMonthZero(standardDate) || isMonthZero(daylightDate)) return { standardOffset };
  const ends = zoneChange(standardDate);
  const begins = zoneChange(daylightDate);
  if (ends === undefined || begins === undefined) return undefined;
  return { standardOffset, daylight: { offset: 0 - daylightBias * 60, begins, ends } };
}

function isMonthZero(systemTime: Uint8Array): boolean {
  return new OctetCursor(systemTime.subarray(2)).uint16() === 0;
}

/** A SYSTEMTIME as the rule it stands for: year 0 counts weekdays, year 1 days; any other year is itself. */
function zoneChange(systemTime: Uint8Array): ZoneChange | undefined {
  const cursor = new OctetCursor(systemTime);
  const [year, month, weekday, day] = [cursor.uint16(), cursor.uint16(), cursor.uint16(), cursor.uint16()];
  const [hour, minute, second] = [cursor.uint16(), cursor.uint16(), cursor.uint16()];
  if (month > 12 || weekday > 6 || day < 1 || day > 31) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const seconds = hour * 3600 + minute * 60 + second;
  if (year === 0) return day > 5 ? undefined : { on: "weekday", month, weekday, nth: day, second: seconds };
  if (year === 1) return { on: "day", month, day, second: seconds };
  if (year < 1900 || year > 2100) return undefined;
  return { on: "once", wall: Date.UTC(year, month - 1, day) / 1000 + seconds };
}
