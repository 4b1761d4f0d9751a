import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Component,
  findProperty,
  findValue,
  findZone,
  parseGlobalObjectId,
  parseTime,
  resolveZone,
  SECONDS_PER_DAY,
} from "../../../src/core/icalendar/icalendar.ts";
import { decompressRtf } from "../../../src/core/tnef/compressed-rtf.ts";
import { bodyText } from "../../../src/core/tnef/message-body.ts";
import { readMessageParts } from "../../../src/core/tnef/message-parts.ts";
import { octetsOf } from "../../../src/core/tnef/property-list.ts";
import { parseRecurrence } from "../../../src/core/tnef/recurrence-blob.ts";
import {
  parseTimeZoneDefinition,
  parseTimeZoneStruct,
  rulesFor,
} from "../../../src/core/tnef/time-zone-struct.ts";
import { readTnef, type TnefMessage } from "../../../src/core/tnef/tnef.ts";
import { CORPUS, corpusSamples, readExpected, readSample, WITHOUT_CORPUS } from "./corpus.ts";

/** What the corpus says of a sample, as far as we read it. */
interface Expected {
  readonly message_class?: string;
  readonly mapi_message_class?: string;
  readonly subject?: string;
  readonly calendar?: {
    readonly method: string;
    readonly start_utc: string;
    readonly end_utc: string;
    readonly all_day?: boolean;
    readonly location?: string;
    readonly uid?: string;
    readonly sequence?: number;
    readonly occurrence_date?: string;
    readonly timezone_text?: string;
    readonly recurrence?: { readonly rrule: string };
  };
  readonly attachments: readonly {
    readonly name?: string;
    readonly mime_type?: string;
    readonly size: number;
    readonly sha256: string;
    readonly embedded_message?: Expected;
  }[];
}

/** Where the corpus and we differ, and why we think that we are right. */
const DEVIATIONS: Readonly<
  Record<string, { readonly reason: string; readonly expected: Partial<Expected> }>
> = {
  "malformed/minimal_attachment.tnef": {
    reason:
      "its AttachData has type 0 in the upper half of the id; the lower half is unique and says what it is, " +
      "so its 16 octets are the content",
    expected: {
      attachments: [{ size: 16, sha256: createHash("sha256").update("this is a test\n\0").digest("hex") }],
    },
  },
};

/** Senders of these samples sit in France and say nothing of it. */
const DEFAULT_ZONE = "Europe/Paris";

for (const file of corpusSamples()) {
  const difference = DEVIATIONS[file];
  test(`corpus ${file}${difference === undefined ? "" : ` (differs: ${difference.reason})`}`, () => {
    const expected = { ...(readExpected(file) as Expected), ...difference?.expected };
    compare(readTnef(readSample(file)).value, expected);
  });
}

test("the corpus of real samples", { skip: WITHOUT_CORPUS }, () => {
  assert.ok(corpusSamples().length > 30);
});

function compare(message: TnefMessage, expected: Expected): void {
  assert.equal(message.messageClass, expected.mapi_message_class ?? expected.message_class ?? "");
  const files = expected.attachments.filter((attachment) => attachment.embedded_message === undefined);
  assert.deepEqual(
    message.attachments.map(({ content }) => [content.length, sha256(content)]),
    files.map(({ size, sha256: digest }) => [size, digest]),
  );
  for (const [index, { name, mime_type }] of files.entries()) {
    if (name !== undefined) assert.equal(message.attachments[index]?.fileName, name);
    if (mime_type !== undefined) assert.equal(message.attachments[index]?.mediaType, mime_type);
  }
  const inner = expected.attachments.flatMap((attachment) => attachment.embedded_message ?? []);
  assert.equal(message.embedded.length, inner.length);
  for (const [index, embedded] of message.embedded.entries()) {
    const expectedInside = inner[index];
    assert.ok(expectedInside);
    compare(embedded, expectedInside);
  }
  assert.equal(message.calendar !== undefined, expected.calendar !== undefined);
  if (message.calendar !== undefined) compareCalendar(message.calendar, expected);
}

function compareCalendar(calendar: Component, { subject, calendar: expected }: Expected): void {
  assert.ok(expected);
  const event = calendar.components.find(({ name }) => name === "VEVENT");
  assert.ok(event);
  const method = findValue(calendar, "METHOD") ?? "none";
  assert.equal(method, expected.method.replace(/ .*/, ""));
  assert.equal(findValue(event, "SUMMARY") ?? "", subject ?? "");
  assert.equal(findValue(event, "LOCATION") ?? "", expected.location ?? "");
  assert.equal(findValue(event, "UID"), expected.uid);
  assert.equal(findValue(event, "SEQUENCE"), expected.sequence?.toString());
  assert.equal(instantOf(calendar, event, "DTSTART"), Date.parse(expected.start_utc) / 1000);
  assert.equal(instantOf(calendar, event, "DTEND"), Date.parse(expected.end_utc) / 1000);
  const isDate = findProperty(event, "DTSTART")?.parameters.get("VALUE") === "DATE";
  assert.equal(isDate, expected.all_day ?? false);
  assert.equal(findValue(event, "RECURRENCE-ID")?.slice(0, 8), expected.occurrence_date);
  // The first day of the week says nothing in a rule of every week.
  assert.equal(findValue(event, "RRULE")?.replace(/;WKST=..$/, ""), expected.recurrence?.rrule);
  const zone = findProperty(event, "DTSTART")?.parameters.get("TZID");
  if (expected.timezone_text?.includes("Eastern")) assert.equal(zone, "Eastern Standard Time");
}

/** A time of an event as an instant, its zone resolved as it will be downstream. */
function instantOf(calendar: Component, event: Component, name: string): number | undefined {
  const property = findProperty(event, name);
  const time = parseTime(property?.values[0] ?? "");
  if (property === undefined || time === undefined) return undefined;
  if (time.kind === "date-time" && time.utc) return time.wall;
  const wall = time.kind === "date" ? time.day * SECONDS_PER_DAY : time.wall;
  const tzid = property.parameters.get("TZID") ?? DEFAULT_ZONE;
  const definition = calendar.components.find((component) => findValue(component, "TZID") === tzid);
  const resolved = resolveZone(tzid, { definition, at: wall, defaultZone: DEFAULT_ZONE });
  assert.notEqual(resolved.source, "default");
  return findZone(
    resolved.zone,
    resolved.definition === undefined ? {} : { [resolved.zone]: resolved.definition },
  ).toInstant(wall);
}

function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}

for (const file of ["ordinary/rtf.tnef", "ordinary/long-filename.tnef", "calendar/triples.tnef"]) {
  test(`corpus ${file} has the RTF that was taken out of it`, { skip: WITHOUT_CORPUS }, () => {
    const { properties } = readMessageParts(readSample(file), () => {}, 100);
    const rtf = decompressRtf(octetsOf(properties, "rtfCompressed") ?? new Uint8Array(), 1_000_000);
    const expected = readFileSync(join(CORPUS, `${file}.expected.rtf`), "latin1");
    const read = Buffer.from(rtf ?? []).toString("latin1");
    // One of them was stored by something that turned CRLF into LF.
    assert.equal(read.replaceAll("\r\n", "\n"), expected.replaceAll("\r\n", "\n"));
  });
}

test("corpus calendar/triples.tnef has the text that was taken out of it", { skip: WITHOUT_CORPUS }, () => {
  const { properties } = readMessageParts(readSample("calendar/triples.tnef"), () => {}, 100);
  const expected = readFileSync(join(CORPUS, "calendar/triples.tnef.expected.txt"), "utf8").trim();
  assert.equal(bodyText(properties), expected);
});

function property(name: string): Uint8Array {
  return Buffer.from(readFileSync(join(CORPUS, "mapi-properties", name), "latin1").trim(), "hex");
}

test("corpus mapi-properties: a series of Thursdays with deletions and a changed body", {
  skip: WITHOUT_CORPUS,
}, () => {
  const series = parseRecurrence(property("APPOINTMENTRECURRENCEPATTERN-1.hex"), 1252);
  const midnight = (month: number, day: number, minutes = 0): number =>
    Date.UTC(2011, month - 1, day, 0, minutes) / 1000;
  assert.deepEqual(series, {
    pattern: { kind: "weekly", weeks: 2, weekdays: 1 << 4 },
    end: { kind: "by", lastDay: midnight(6, 30) },
    firstDayOfWeek: 0,
    firstDay: Date.UTC(2010, 9, 28) / 1000,
    times: { start: 870 * 60, end: 930 * 60 },
    deletedDays: [midnight(3, 3), midnight(3, 17), midnight(3, 31)],
    exceptions: [
      {
        start: midnight(2, 17, 870),
        end: midnight(2, 17, 930),
        originalStart: midnight(2, 17, 870),
        summary: undefined,
        location: undefined,
        busyStatus: undefined,
        allDay: false,
      },
    ],
    intact: true,
  });
});

test("corpus mapi-properties: a series with the rests of an older one behind it", {
  skip: WITHOUT_CORPUS,
}, () => {
  const series = parseRecurrence(property("APPOINTMENTRECURRENCEPATTERN-2.hex"), 1252);
  assert.deepEqual(series?.pattern, { kind: "weekly", weeks: 2, weekdays: 1 << 1 });
  assert.deepEqual(series?.times, { start: 840 * 60, end: 900 * 60 });
  assert.deepEqual([series?.deletedDays, series?.exceptions, series?.intact], [[], [], true]);
});

test("corpus mapi-properties: the zone of New York, and who met there", { skip: WITHOUT_CORPUS }, () => {
  const definition = parseTimeZoneDefinition(property("TIMEZONEDEFINITION-1.hex"));
  const struct = parseTimeZoneStruct(property("TIMEZONE-1.hex"));
  assert.ok(definition && struct);
  assert.equal(definition.name, "Eastern Standard Time");
  assert.deepEqual(rulesFor(definition, 2020), struct);
  assert.equal(
    parseGlobalObjectId(property("GLOBALOBJECTID-1.hex"))?.uid,
    "040000008200E00074C5B7101A82E00800000000F0DB09F532E5CA01000000000000000010000000E73C73F73F1C3941BDD6450F640703F3",
  );
});
