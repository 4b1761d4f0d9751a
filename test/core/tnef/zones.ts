import { concat, uint16, uint32, utf16 } from "./tnef-writer.ts";

/** When a zone changes: month, weekday (0 Sunday), n-th (5 the last), hour and minute of the local time before. */
export type Change = readonly [month: number, weekday: number, nth: number, hour: number, minute?: number];

/** A zone of Windows as its registry has it, and the IANA zone that keeps the same clocks since 2008. */
export interface TestZone {
  readonly windows: string;
  readonly iana: string;
  readonly bias: number;
  readonly standard?: Change;
  readonly daylight?: Change;
  readonly daylightBias?: number;
}

export const ZONES: readonly TestZone[] = [
  {
    windows: "W. Europe Standard Time",
    iana: "Europe/Berlin",
    bias: -60,
    standard: [10, 0, 5, 3],
    daylight: [3, 0, 5, 2],
  },
  {
    windows: "GMT Standard Time",
    iana: "Europe/London",
    bias: 0,
    standard: [10, 0, 5, 2],
    daylight: [3, 0, 5, 1],
  },
  {
    windows: "Eastern Standard Time",
    iana: "America/New_York",
    bias: 300,
    standard: [11, 0, 1, 2],
    daylight: [3, 0, 2, 2],
  },
  {
    windows: "AUS Eastern Standard Time",
    iana: "Australia/Sydney",
    bias: -600,
    standard: [4, 0, 1, 3],
    daylight: [10, 0, 1, 2],
  },
  {
    windows: "New Zealand Standard Time",
    iana: "Pacific/Auckland",
    bias: -720,
    standard: [4, 0, 1, 3],
    daylight: [9, 0, 5, 2],
  },
  {
    windows: "Lord Howe Standard Time",
    iana: "Australia/Lord_Howe",
    bias: -630,
    standard: [4, 0, 1, 2],
    daylight: [10, 0, 1, 2],
    daylightBias: -30,
  },
  { windows: "India Standard Time", iana: "Asia/Kolkata", bias: -330 },
  { windows: "Nepal Standard Time", iana: "Asia/Kathmandu", bias: -345 },
  { windows: "US Mountain Standard Time", iana: "America/Phoenix", bias: 420 },
  { windows: "Tonga Standard Time", iana: "Pacific/Tongatapu", bias: -780 },
];

function systemTime(change: Change | undefined): Uint8Array {
  const [month, weekday, nth, hour, minute = 0] = change ?? [0, 0, 0, 0];
  return concat(...[0, month, weekday, nth, hour, minute, 0, 0].map(uint16));
}

function biases(zone: TestZone): Uint8Array {
  return concat(uint32(zone.bias), uint32(0), uint32(zone.daylightBias ?? -60));
}

/** PidLidTimeZoneStruct ([MS-OXOCAL] 2.2.1.39). */
export function zoneStruct(zone: TestZone): Uint8Array {
  return concat(biases(zone), uint16(0), systemTime(zone.standard), uint16(0), systemTime(zone.daylight));
}

/** A definition with one rule for each year given, the last one marked as effective ([MS-OXOCAL] 2.2.1.41). */
export function zoneDefinition(
  zone: TestZone,
  rules: readonly { readonly year: number; readonly effective: boolean; readonly zone: TestZone }[] = [
    { year: 1601, effective: true, zone },
  ],
): Uint8Array {
  const name = utf16(zone.windows);
  return concat(
    uint16(0x0102),
    uint16(6 + name.length),
    uint16(2),
    uint16(zone.windows.length),
    name,
    uint16(rules.length),
    ...rules.map(({ year, effective, zone: of }) =>
      concat(
        uint16(0x0102),
        uint16(0x003e),
        uint16(effective ? 2 : 0),
        uint16(year),
        new Uint8Array(14),
        biases(of),
        systemTime(of.standard),
        systemTime(of.daylight),
      ),
    ),
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock in an IANA zone shows, by Node's own time zone data. */
export function ianaWallClock(iana: string, instant: number): number {
  let format = formats.get(iana);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: iana,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(iana, format);
  }
  const parts = new Map<string, number>(
    format.formatToParts(instant * 1000).map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return (
    Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) /
    1000
  );
}

/** The first instant at which a clock in an IANA zone shows that time; undefined when it is skipped. */
export function ianaInstant(iana: string, wall: number): number | undefined {
  const offsets = [wall - 86_400, wall + 86_400].map((near) => ianaWallClock(iana, near) - near);
  const instants = offsets.map((offset) => wall - offset).filter((at) => ianaWallClock(iana, at) === wall);
  return instants.length === 0 ? undefined : Math.min(...instants);
}
