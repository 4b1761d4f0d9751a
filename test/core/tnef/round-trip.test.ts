import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readTnef } from "../../../src/core/tnef/tnef.ts";
import { eventLines } from "./content-lines.ts";
import {
  recurrenceBlob,
  type WrittenException,
  type WrittenPattern,
  type WrittenSeries,
} from "./recurrence-writer.ts";
import {
  binary,
  concat,
  embedded,
  flag,
  hex,
  int32,
  messageHead,
  messageProperties,
  named,
  narrow,
  recipientTable,
  stream,
  tag,
  time,
  type WrittenProperty,
  wide,
  wideList,
} from "./tnef-writer.ts";
import { SERIES_ID } from "./vectors.ts";
import { ianaInstant, ianaWallClock, type TestZone, ZONES, zoneDefinition, zoneStruct } from "./zones.ts";

const RUNS = 300;
const DAY = 86_400;

/** Code pages and words that can be written in them. */
const TEXTS = [
  { codePage: 1252, label: "windows-1252", words: ["Budget", "Übersicht", "café", "–", "50€", "a;b,c\\n"] },
  { codePage: 1251, label: "windows-1251", words: ["Совещание", "Зал", "№", "x:y"] },
  { codePage: 1250, label: "windows-1250", words: ["Příliš", "žluťoučký", "kůň"] },
  { codePage: 28597, label: "iso-8859-7", words: ["Σύσκεψη", "αίθουσα"] },
] as const;

type Kind = "REQUEST" | "CANCEL" | "REPLY" | "APPOINTMENT";

const CLASSES: Readonly<Record<Kind, string>> = {
  REQUEST: "IPM.Microsoft Schedule.MtgReq",
  CANCEL: "IPM.Schedule.Meeting.Canceled",
  REPLY: "IPM.Schedule.Meeting.Resp.Pos",
  APPOINTMENT: "IPM.Appointment",
};

interface Meeting {
  readonly kind: Kind;
  readonly zone: TestZone;
  readonly start: number;
  readonly seconds: number;
  readonly allDay: boolean;
  readonly text: (typeof TEXTS)[number];
  readonly inUnicode: boolean;
  readonly summary: string;
  readonly location: string;
  readonly body: string;
  readonly sequence: number;
  readonly busyStatus: number;
  readonly attendees: readonly string[];
  readonly categories: readonly string[];
  readonly series: Omit<WrittenSeries, "firstDay" | "startMinute" | "endMinute"> | undefined;
  readonly zoneSource: "definition" | "structure" | "both";
  readonly version: 0x3008 | 0x3009;
}

const wordsOf = (text: (typeof TEXTS)[number]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...text.words), { minLength: 1, maxLength: 4 }).map((words) => words.join(" "));

/** Every quarter of an hour from 2018 to 2037: the zones of the tests have kept their rules since. */
const startArbitrary = fc
  .integer({ min: Date.UTC(2018, 0) / 900_000, max: Date.UTC(2037, 0) / 900_000 })
  .map((quarter) => quarter * 900);

const maskArbitrary = fc.integer({ min: 1, max: 0x7f });
const monthsArbitrary = fc.constantFrom(1, 2, 6, 12, 24);

const patternArbitrary: fc.Arbitrary<WrittenPattern> = fc.oneof(
  fc.record({ kind: fc.constant("daily" as const), days: fc.integer({ min: 1, max: 30 }) }),
  fc.record({
    kind: fc.constant("weekly" as const),
    weeks: fc.integer({ min: 1, max: 8 }),
    mask: maskArbitrary,
  }),
  fc.record({
    kind: fc.constant("month-day" as const),
    months: monthsArbitrary,
    day: fc.integer({ min: 1, max: 31 }),
  }),
  fc.record({
    kind: fc.constant("month-nth" as const),
    months: monthsArbitrary,
    mask: maskArbitrary,
    nth: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ kind: fc.constant("month-end" as const), months: monthsArbitrary }),
);

interface Seed {
  readonly kind: Kind;
  readonly zone: TestZone;
  readonly start: number;
  readonly minutes: number;
  readonly allDay: boolean;
  readonly text: (typeof TEXTS)[number];
}

const seedArbitrary: fc.Arbitrary<Seed> = fc.record({
  kind: fc.constantFrom<Kind>("REQUEST", "CANCEL", "REPLY", "APPOINTMENT"),
  zone: fc.constantFrom(...ZONES),
  start: startArbitrary,
  minutes: fc.integer({ min: 0, max: 3000 }),
  allDay: fc.boolean(),
  text: fc.constantFrom(...TEXTS),
});

function exceptionsArbitrary(seed: Seed, firstDay: number): fc.Arbitrary<WrittenException[]> {
  const exception = fc.record({
    originalDay: fc.integer({ min: 0, max: 200 }).map((day) => firstDay + day * DAY),
    moveMinutes: fc.integer({ min: -3 * 1440, max: 3 * 1440 }),
    minutes: fc.integer({ min: 1, max: 600 }),
    subject: fc.option(wordsOf(seed.text), { nil: undefined }),
    location: fc.option(wordsOf(seed.text), { nil: undefined }),
    busyStatus: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    otherFlags: fc.integer({ min: 0, max: 0x1ff }).map((flags) => flags & 0x014e),
  });
  return fc.uniqueArray(exception, { selector: ({ originalDay }) => originalDay, maxLength: 5 }).map((all) =>
    all.map(({ moveMinutes, minutes, ...rest }) => {
      const start = seed.allDay
        ? rest.originalDay + Math.round(moveMinutes / 1440) * DAY
        : rest.originalDay + moveMinutes * 60;
      const end = seed.allDay ? start + Math.ceil(minutes / 200) * DAY : start + minutes * 60;
      return { ...rest, start, end };
    }),
  );
}

function seriesArbitrary(seed: Seed): fc.Arbitrary<Meeting["series"]> {
  const wall = ianaWallClock(seed.zone.iana, seed.start);
  const firstDay = wall - (wall % DAY);
  return fc
    .record({
      pattern: patternArbitrary,
      end: fc.oneof(
        fc.constant({ kind: "never" as const }),
        fc.constant({ kind: "by" as const }),
        fc.record({ kind: fc.constant("after" as const), count: fc.integer({ min: 1, max: 500 }) }),
      ),
      lastDay: fc.integer({ min: 1, max: 2000 }).map((days) => firstDay + days * DAY),
      firstDayOfWeek: fc.integer({ min: 0, max: 6 }),
      exceptions: exceptionsArbitrary(seed, firstDay),
      deletedDays: fc.uniqueArray(fc.integer({ min: 201, max: 400 }), { maxLength: 5 }),
    })
    .map(({ deletedDays, ...series }) => ({
      ...series,
      deleted: deletedDays.map((day) => firstDay + day * DAY),
    }));
}

const meetingArbitrary: fc.Arbitrary<Meeting> = seedArbitrary.chain((seed) =>
  fc
    .record({
      inUnicode: fc.boolean(),
      summary: wordsOf(seed.text),
      location: wordsOf(seed.text),
      body: fc.array(wordsOf(seed.text), { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\r\n")),
      sequence: fc.integer({ min: 0, max: 1000 }),
      busyStatus: fc.integer({ min: 0, max: 4 }),
      attendees: fc.uniqueArray(fc.constantFrom("bob", "carol", "dan", "eve"), { maxLength: 4 }),
      categories: fc.uniqueArray(fc.constantFrom("Red", "Blaue Kategorie", "Projekt"), { maxLength: 3 }),
      series: fc.option(seriesArbitrary(seed), { nil: undefined }),
      zoneSource: fc.constantFrom("definition" as const, "structure" as const, "both" as const),
      version: fc.constantFrom(0x3008 as const, 0x3009 as const),
    })
    .map((rest): Meeting => {
      const wall = ianaWallClock(seed.zone.iana, seed.start);
      const midnight = ianaInstant(seed.zone.iana, wall - (wall % DAY)) ?? seed.start;
      return {
        ...seed,
        ...rest,
        start: seed.allDay ? midnight : seed.start,
        seconds: seed.allDay ? (1 + Math.floor(seed.minutes / 1440)) * DAY : seed.minutes * 60,
      };
    }),
);

/** The series with the times of the meeting, as they stand in the blob. */
function writtenSeries(meeting: Meeting): WrittenSeries | undefined {
  if (meeting.series === undefined) return undefined;
  const wall = ianaWallClock(meeting.zone.iana, meeting.start);
  const startMinute = (wall % DAY) / 60;
  return {
    ...meeting.series,
    firstDay: wall - (wall % DAY),
    startMinute,
    endMinute: startMinute + meeting.seconds / 60,
  };
}

/** Whole days end at a midnight, which daylight saving moves. */
function endOf({ zone, start, seconds, allDay }: Meeting): number {
  if (!allDay) return start + seconds;
  return ianaInstant(zone.iana, ianaWallClock(zone.iana, start) + seconds) ?? start + seconds;
}

function write(meeting: Meeting): Uint8Array {
  const { kind, text, zone, zoneSource } = meeting;
  const texted = (id: Uint8Array, value: string): WrittenProperty =>
    meeting.inUnicode ? wide(id, value) : narrow(id, value, text.label);
  const series = writtenSeries(meeting);
  const definitionId = series === undefined ? 0x825e : 0x8260;
  const zoneProperties = [
    ...(zoneSource === "structure" ? [] : [binary(named("appointment", definitionId), zoneDefinition(zone))]),
    ...(zoneSource === "definition" ? [] : [binary(named("appointment", 0x8233), zoneStruct(zone))]),
  ];
  return stream(
    messageHead(CLASSES[kind], text.codePage),
    recipientTable(
      meeting.attendees.map((name, index) => [
        wide(tag(0x39fe), `${name}@example.org`),
        int32(tag(0x0c15), (index % 3) + 1),
        int32(tag(0x3900), 0),
      ]),
    ),
    messageProperties(
      texted(tag(0x0e1d), meeting.summary),
      texted(tag(0x1000), meeting.body),
      wide(tag(0x5d02), "ann@example.org"),
      texted(named("appointment", 0x8208), meeting.location),
      binary(named("meeting", 0x0003), hex(SERIES_ID)),
      time(named("meeting", 0x001a), Date.UTC(2026, 2, 1, 8) / 1000),
      int32(named("appointment", 0x8201), meeting.sequence),
      int32(named("appointment", kind === "APPOINTMENT" ? 0x8205 : 0x8224), meeting.busyStatus),
      time(named("appointment", 0x820d), meeting.start),
      time(named("appointment", 0x820e), endOf(meeting)),
      flag(named("appointment", 0x8215), meeting.allDay),
      flag(named("appointment", 0x8223), series !== undefined),
      ...(series === undefined
        ? []
        : [binary(named("appointment", 0x8216), recurrenceBlob(series, text.label, meeting.version))]),
      ...(meeting.categories.length === 0 ? [] : [wideList(named("public", "Keywords"), meeting.categories)]),
      ...zoneProperties,
    ),
  );
}

const basic = (wall: number): string => new Date(wall * 1000).toISOString().replace(/\.\d+Z$|[-:]/g, "");

const BUSY = [
  ["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"],
  ["STATUS:TENTATIVE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"],
  [],
  ["X-MICROSOFT-CDO-BUSYSTATUS:OOF"],
  ["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"],
];
const ROLES = ["ROLE=REQ-PARTICIPANT", "ROLE=OPT-PARTICIPANT", "ROLE=NON-PARTICIPANT;CUTYPE=RESOURCE"];

interface Said {
  readonly summary: string;
  readonly location: string;
  readonly busyStatus: number;
}

function expectedDetails(meeting: Meeting, { summary, location, busyStatus }: Said): string[] {
  const cancelled = meeting.kind === "CANCEL";
  return [
    `UID:${SERIES_ID}`,
    "DTSTAMP:20260301T080000Z",
    `SEQUENCE:${meeting.sequence}`,
    `SUMMARY:${summary}`,
    `LOCATION:${location}`,
    `DESCRIPTION:${meeting.body.replaceAll("\r\n", "\n")}`,
    ...(meeting.kind === "REPLY" ? [] : ["ORGANIZER:mailto:ann@example.org"]),
    ...meeting.attendees.map((name, index) => `ATTENDEE;${ROLES[index % 3]}:mailto:${name}@example.org`),
    ...(cancelled ? ["STATUS:CANCELLED"] : []),
    ...(BUSY[busyStatus] ?? []).filter((line) => !(cancelled && line.startsWith("STATUS"))),
    ...(meeting.categories.length === 0 ? [] : [`CATEGORIES:${meeting.categories.join()}`]),
  ];
}

function expectedTime(name: string, wall: number, { allDay, zone, zoneSource }: Meeting): string {
  if (allDay) return `${name};VALUE=DATE:${basic(wall).slice(0, 8)}`;
  const tzid = zoneSource === "structure" ? "Customized Time Zone" : zone.windows;
  return `${name};TZID=${tzid}:${basic(wall)}`;
}

const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/** The parts of the rule, in no order. */
function expectedRule(series: WrittenSeries, { allDay, zone }: Meeting): string[] {
  const { pattern, end } = series;
  const startWall = series.firstDay + series.startMinute * 60;
  const month = new Date(startWall * 1000).getUTCMonth() + 1;
  const every = (unit: string, count: number): string[] => [
    `FREQ=${unit}`,
    ...(count === 1 ? [] : [`INTERVAL=${count}`]),
  ];
  const months = (count: number): string[] =>
    count % 12 === 0 ? [...every("YEARLY", count / 12), `BYMONTH=${month}`] : every("MONTHLY", count);
  const byDay = (mask: number): string[] => WEEKDAYS.filter((_, day) => (mask >> day) % 2 === 1);
  const lastWall = series.lastDay + series.startMinute * 60;
  const until = allDay
    ? basic(series.lastDay).slice(0, 8)
    : `${basic(ianaInstant(zone.iana, lastWall) ?? skipped(zone, lastWall))}Z`;
  const ends = { never: [], after: [`COUNT=${"count" in end ? end.count : 0}`], by: [`UNTIL=${until}`] }[
    end.kind
  ];
  switch (pattern.kind) {
    case "daily":
      return [...every("DAILY", pattern.days), ...ends];
    case "weekly":
      return [
        ...every("WEEKLY", pattern.weeks),
        ...ends,
        `BYDAY=${byDay(pattern.mask).join()}`,
        `WKST=${WEEKDAYS[series.firstDayOfWeek]}`,
      ];
    case "month-end":
      return [...months(pattern.months), ...ends, "BYMONTHDAY=-1"];
    case "month-nth": {
      const nth = pattern.nth === 5 ? -1 : pattern.nth;
      const names = byDay(pattern.mask);
      const which =
        names.length === 1 ? [`BYDAY=${nth}${names[0]}`] : [`BYDAY=${names.join()}`, `BYSETPOS=${nth}`];
      return [...months(pattern.months), ...ends, ...which];
    }
    case "month-day": {
      // The days of the shortest month in question: a longer day means "or the last one".
      const shortest = pattern.months % 12 === 0 ? new Date(Date.UTC(2023, month, 0)).getUTCDate() : 28;
      const { day } = pattern;
      const candidates = Array.from(
        { length: Math.max(0, day - shortest + 1) },
        (_, index) => shortest + index,
      );
      const shared =
        candidates.length < 2 ? [`BYMONTHDAY=${day}`] : [`BYMONTHDAY=${candidates.join()}`, "BYSETPOS=-1"];
      const which = day === 31 ? ["BYMONTHDAY=-1"] : shared;
      return [...months(pattern.months), ...ends, ...which];
    }
  }
}

/** A time that is skipped takes the offset before the gap. */
function skipped(zone: TestZone, wall: number): number {
  return wall - (ianaWallClock(zone.iana, wall - 2 * DAY) - (wall - 2 * DAY));
}

function expectedEvents(meeting: Meeting): string[][] {
  const series = writtenSeries(meeting);
  const startWall = ianaWallClock(meeting.zone.iana, meeting.start);
  // A series goes by the clock on the wall, a single event by the instant.
  const endWall =
    series === undefined ? ianaWallClock(meeting.zone.iana, endOf(meeting)) : startWall + meeting.seconds;
  const master = [
    ...expectedDetails(meeting, meeting),
    expectedTime("DTSTART", startWall, meeting),
    expectedTime("DTEND", endWall, meeting),
  ];
  if (series === undefined) return [master];
  const time = (day: number): number => day + series.startMinute * 60;
  if (series.deleted.length > 0) {
    const [first = "", ...rest] = [...series.deleted]
      .sort((a, b) => a - b)
      .map((day) => expectedTime("EXDATE", time(day), meeting));
    master.push([first, ...rest.map((line) => line.slice(line.lastIndexOf(":") + 1))].join());
  }
  master.push(`RRULE:${expectedRule(series, meeting).sort().join(";")}`);
  const overrides = series.exceptions.map((exception) => [
    ...expectedDetails(meeting, {
      summary: exception.subject ?? meeting.summary,
      location: exception.location ?? meeting.location,
      busyStatus: exception.busyStatus ?? meeting.busyStatus,
    }),
    expectedTime("RECURRENCE-ID", time(exception.originalDay), meeting),
    expectedTime("DTSTART", exception.start, meeting),
    expectedTime("DTEND", exception.end, meeting),
  ]);
  return meeting.kind === "CANCEL" ? [master] : [master, ...overrides];
}

/** Lines without their order, and rules without the order of their parts. */
function unordered(events: readonly (readonly string[])[]): string[][] {
  return events.map((lines) =>
    lines
      .map((line) =>
        line.startsWith("RRULE:") ? `RRULE:${line.slice(6).split(";").sort().join(";")}` : line,
      )
      .sort(),
  );
}

test("readTnef gives back any meeting that was written", (context) => {
  const result = fc.check(
    fc.property(meetingArbitrary, (meeting) => {
      const { value, problems } = readTnef(write(meeting));
      assert.deepEqual(problems, []);
      assert.deepEqual(unordered(eventLines(value)), unordered(expectedEvents(meeting)));
    }),
    { numRuns: RUNS },
  );
  context.diagnostic(`seed ${result.seed}`);
  assert.ok(!result.failed, fc.defaultReportMessage(result) ?? "");
});

test("readTnef gives back any meeting that was forwarded", (context) => {
  const result = fc.check(
    fc.property(meetingArbitrary, (meeting) => {
      const octets = stream(concat(messageHead("IPM.Note"), embedded(write(meeting))));
      assert.deepEqual(readTnef(octets).value.embedded, [readTnef(write(meeting)).value]);
    }),
    { numRuns: RUNS / 10 },
  );
  context.diagnostic(`seed ${result.seed}`);
  assert.ok(!result.failed, fc.defaultReportMessage(result) ?? "");
});
