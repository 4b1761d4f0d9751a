import { concat, inCodePage, uint16, uint32, utf16 } from "./tnef-writer.ts";

/** A series as Outlook's dialog has it; wall clocks are seconds since 1970. */
export interface WrittenSeries {
  readonly pattern: WrittenPattern;
  readonly end:
    | { readonly kind: "never" }
    | { readonly kind: "after"; readonly count: number }
    | { readonly kind: "by" };
  /** Midnights of the first and the last day. */
  readonly firstDay: number;
  readonly lastDay: number;
  readonly firstDayOfWeek: number;
  /** Minutes after midnight. */
  readonly startMinute: number;
  readonly endMinute: number;
  /** Midnights. */
  readonly deleted: readonly number[];
  readonly exceptions: readonly WrittenException[];
}

export type WrittenPattern =
  | { readonly kind: "daily"; readonly days: number }
  | { readonly kind: "weekly"; readonly weeks: number; readonly mask: number }
  | { readonly kind: "month-day"; readonly months: number; readonly day: number }
  | { readonly kind: "month-nth"; readonly months: number; readonly mask: number; readonly nth: number }
  | { readonly kind: "month-end"; readonly months: number };

export interface WrittenException {
  readonly originalDay: number;
  readonly start: number;
  readonly end: number;
  readonly subject?: string | undefined;
  readonly location?: string | undefined;
  readonly busyStatus?: number | undefined;
  readonly allDay?: boolean | undefined;
  /** Flags of fields that a reader has to skip: meeting type, reminder, attachment, colour. */
  readonly otherFlags: number;
}

const MINUTES_FROM_1601 = 11_644_473_600 / 60;
const NO_END = 0x5ae980df;
const OTHER_FIELDS = [0x0002, 0x0004, 0x0008, 0x0040, 0x0100] as const;
const MINUTES_PER_DAY = 1440;

function minutes(wall: number): Uint8Array {
  return uint32(wall / 60 + MINUTES_FROM_1601);
}

/** PidLidAppointmentRecur ([MS-OXOCAL] 2.2.1.44). `label` is the code page of the 8-bit texts. */
export function recurrenceBlob(series: WrittenSeries, label: string, version: 0x3008 | 0x3009): Uint8Array {
  const { pattern, end, exceptions } = series;
  const modified = exceptions.map(({ originalDay }) => originalDay);
  const deleted = [...series.deleted, ...modified].sort((a, b) => a - b);
  const newDays = exceptions.map(({ start }) => start - (start % 86_400)).sort((a, b) => a - b);
  return concat(
    uint16(0x3004),
    uint16(0x3004),
    ...patternFields(pattern),
    uint32(end.kind === "by" ? 0x2021 : end.kind === "after" ? 0x2022 : 0x2023),
    uint32(end.kind === "after" ? end.count : 10),
    uint32(series.firstDayOfWeek),
    uint32(deleted.length),
    ...deleted.map(minutes),
    uint32(newDays.length),
    ...newDays.map(minutes),
    minutes(series.firstDay),
    end.kind === "never" ? uint32(NO_END) : minutes(series.lastDay),
    uint32(0x3006),
    uint32(version),
    uint32(series.startMinute),
    uint32(series.endMinute),
    uint16(exceptions.length),
    ...exceptions.map((exception) => exceptionInfo(exception, series, label)),
    uint32(0),
    ...exceptions.map((exception) => extendedException(exception, series, version)),
    uint32(0),
  );
}

function patternFields(pattern: WrittenPattern): Uint8Array[] {
  const frequency = { daily: 0x200a, weekly: 0x200b, month: 0x200c, year: 0x200d };
  const head = (kind: number, type: number, period: number): Uint8Array =>
    concat(uint16(kind), uint16(type), uint16(0), uint32(0), uint32(period), uint32(0));
  const monthly = (type: number, months: number): Uint8Array =>
    head(months % 12 === 0 ? frequency.year : frequency.month, type, months);
  switch (pattern.kind) {
    case "daily":
      return [head(frequency.daily, 0, pattern.days * MINUTES_PER_DAY)];
    case "weekly":
      return [head(frequency.weekly, 1, pattern.weeks), uint32(pattern.mask)];
    case "month-day":
      return [monthly(2, pattern.months), uint32(pattern.day)];
    case "month-nth":
      return [monthly(3, pattern.months), uint32(pattern.mask), uint32(pattern.nth)];
    case "month-end":
      return [monthly(4, pattern.months), uint32(31)];
  }
}

function times(exception: WrittenException, { startMinute }: WrittenSeries): Uint8Array {
  const original = exception.originalDay + startMinute * 60;
  return concat(minutes(exception.start), minutes(exception.end), minutes(original));
}

function exceptionInfo(exception: WrittenException, series: WrittenSeries, label: string): Uint8Array {
  const { subject, location, busyStatus, allDay, otherFlags } = exception;
  const text = (value: string): Uint8Array => {
    const octets = inCodePage(value, label);
    return concat(uint16(octets.length + 1), uint16(octets.length), octets);
  };
  const flags =
    otherFlags |
    (subject === undefined ? 0 : 0x0001) |
    (location === undefined ? 0 : 0x0010) |
    (busyStatus === undefined ? 0 : 0x0020) |
    (allDay === undefined ? 0 : 0x0080) |
    0x0200;
  const other = (flag: (typeof OTHER_FIELDS)[number]): Uint8Array =>
    (otherFlags & flag) === 0 ? new Uint8Array() : uint32(7);
  return concat(
    times(exception, series),
    uint16(flags),
    subject === undefined ? new Uint8Array() : text(subject),
    other(0x0002),
    other(0x0004),
    other(0x0008),
    location === undefined ? new Uint8Array() : text(location),
    busyStatus === undefined ? new Uint8Array() : uint32(busyStatus),
    other(0x0040),
    allDay === undefined ? new Uint8Array() : uint32(allDay ? 1 : 0),
    other(0x0100),
  );
}

function extendedException(exception: WrittenException, series: WrittenSeries, version: number): Uint8Array {
  const { subject, location } = exception;
  const text = (value: string | undefined): Uint8Array =>
    value === undefined ? new Uint8Array() : concat(uint16(value.length), utf16(value));
  const texts =
    subject === undefined && location === undefined
      ? new Uint8Array()
      : concat(times(exception, series), text(subject), text(location), uint32(0));
  const highlight = version >= 0x3009 ? concat(uint32(4), uint32(0)) : new Uint8Array();
  return concat(highlight, uint32(0), texts);
}
