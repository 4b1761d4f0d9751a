import assert from "node:assert/strict";
import { test } from "node:test";
import { readTnef, type TnefContext } from "../../../src/core/tnef/tnef.ts";
import { eventLines } from "./content-lines.ts";
import { codesOf, linesOf, MARCH_5_10, request } from "./messages.ts";
import {
  ATTRIBUTE_ID,
  ascii,
  attribute,
  binary,
  concat,
  flag,
  hex,
  int32,
  LEVEL,
  messageHead,
  messageProperties,
  named,
  stream,
  time,
  uint16,
  type WrittenProperty,
  wide,
} from "./tnef-writer.ts";
import { DEFINITION_OF_BERLIN, STRUCT_OF_BERLIN } from "./vectors.ts";
import { type TestZone, ZONES, zoneDefinition } from "./zones.ts";

test("an event in a zone ends in another one", () => {
  const zone = (windows: string): Uint8Array =>
    zoneDefinition(ZONES.find((known) => known.windows === windows) as TestZone);
  const octets = request(
    binary(named("appointment", 0x825e), zone("W. Europe Standard Time")),
    binary(named("appointment", 0x825f), zone("India Standard Time")),
  );
  assert.deepEqual(linesOf(octets, ["DTSTART", "DTEND"]), [
    "DTSTART;TZID=W. Europe Standard Time:20260305T100000",
    "DTEND;TZID=India Standard Time:20260305T153000",
  ]);
  const { calendar } = readTnef(octets).value;
  assert.equal(calendar?.components.filter(({ name }) => name === "VTIMEZONE").length, 2);
});

test("an event without a zone is in UTC, with a structure alone in a zone without a name", () => {
  assert.deepEqual(linesOf(request(), ["DTSTART", "DTEND"]), [
    "DTSTART:20260305T090000Z",
    "DTEND:20260305T100000Z",
  ]);
  const inStruct = request(binary(named("appointment", 0x8233), hex(STRUCT_OF_BERLIN)));
  assert.deepEqual(linesOf(inStruct, ["DTSTART"]), ["DTSTART;TZID=Customized Time Zone:20260305T100000"]);
});

test("an event whose zone is known by description only is in UTC", () => {
  const octets = request(wide(named("appointment", 0x8234), "(UTC+01:00) Berlin"));
  assert.deepEqual(linesOf(octets, ["DTSTART"]), ["DTSTART:20260305T090000Z"]);
});

test("an event without an end lasts as long as its duration", () => {
  const octets = stream(
    messageHead("IPM.Microsoft Schedule.MtgReq"),
    messageProperties(
      time(named("appointment", 0x820d), MARCH_5_10),
      int32(named("appointment", 0x8213), 90),
    ),
  );
  assert.deepEqual(linesOf(octets, ["DTEND"]), ["DTEND:20260305T103000Z"]);
});

test("a broken zone definition is a problem, and the event is in UTC", () => {
  const octets = request(binary(named("appointment", 0x825e), hex(DEFINITION_OF_BERLIN).subarray(0, 100)));
  assert.deepEqual(linesOf(octets, ["DTSTART"]), ["DTSTART:20260305T090000Z"]);
  assert.deepEqual(codesOf(octets), ["bad-time-zone"]);
});

test("an event of attributes alone has the sender's local time, wherever that is", () => {
  const date = (...parts: number[]): Uint8Array => concat(...parts.map(uint16));
  const octets = stream(
    messageHead("IPM.Microsoft Schedule.MtgReq"),
    attribute(LEVEL.message, ATTRIBUTE_ID.dateStart, date(2026, 3, 5, 10, 0, 0, 4)),
    attribute(LEVEL.message, ATTRIBUTE_ID.dateEnd, date(2026, 3, 5, 11, 30, 0, 4)),
    attribute(LEVEL.message, ATTRIBUTE_ID.subject, ascii("AW: Budget\0")),
  );
  assert.deepEqual(eventLines(readTnef(octets).value), [
    ["SUMMARY:Budget", "DTSTART:20260305T100000", "DTEND:20260305T113000"],
  ]);
});

test("whole days of attributes alone are the sender's days", () => {
  const date = (day: number): Uint8Array => concat(...[2026, 3, day, 0, 0, 0, 0].map(uint16));
  const octets = stream(
    messageHead("IPM.Microsoft Schedule.MtgReq"),
    attribute(LEVEL.message, ATTRIBUTE_ID.dateStart, date(5)),
    attribute(LEVEL.message, ATTRIBUTE_ID.dateEnd, date(7)),
    messageProperties(flag(named("appointment", 0x8215), true)),
  );
  assert.deepEqual(linesOf(octets, ["DTSTART", "DTEND"]), [
    "DTSTART;VALUE=DATE:20260305",
    "DTEND;VALUE=DATE:20260307",
  ]);
});

test("a date that cannot be is no start", () => {
  for (const parts of [
    [2026, 13, 5],
    [2026, 3, 32],
    [1601, 1, 1],
    [2026, 3, 5, 24],
    [2026, 3, 5, 10, 60],
  ]) {
    const octets = stream(
      messageHead("IPM.Microsoft Schedule.MtgReq"),
      attribute(
        LEVEL.message,
        ATTRIBUTE_ID.dateStart,
        concat(...[...parts, 0, 0, 0, 0].slice(0, 7).map(uint16)),
      ),
    );
    assert.deepEqual(codesOf(octets), ["unreadable"], parts.join());
  }
});

test("a duration of years is none", () => {
  const octets = stream(
    messageHead("IPM.Appointment"),
    messageProperties(
      time(named("appointment", 0x820d), MARCH_5_10),
      int32(named("appointment", 0x8213), 0x7fffffff),
    ),
  );
  assert.deepEqual(linesOf(octets, ["DTEND"]), []);
});

function wholeDays(start: string, end: string, ...zone: readonly WrittenProperty[]): Uint8Array {
  return stream(
    messageHead("IPM.Microsoft Schedule.MtgReq"),
    messageProperties(
      flag(named("appointment", 0x8215), true),
      time(named("appointment", 0x820d), Date.parse(start) / 1000),
      time(named("appointment", 0x820e), Date.parse(end) / 1000),
      ...zone,
    ),
  );
}

test("whole days are those of the zone they begin in", () => {
  const berlin = binary(named("appointment", 0x825e), hex(DEFINITION_OF_BERLIN));
  assert.deepEqual(
    linesOf(wholeDays("2026-03-04T23:00Z", "2026-03-06T23:00Z", berlin), ["DTSTART", "DTEND"]),
    ["DTSTART;VALUE=DATE:20260305", "DTEND;VALUE=DATE:20260307"],
  );
});

test("whole days of no zone begin at the nearest midnight of the calendar's own clock", () => {
  const auckland = wholeDays("2026-03-04T11:00Z", "2026-03-05T11:00Z");
  assert.deepEqual(linesOf(auckland, ["DTSTART"]), ["DTSTART;VALUE=DATE:20260304"]);
  const context: TnefContext = { defaultClock: (instant) => instant + 13 * 3600 };
  assert.deepEqual(linesOf(auckland, ["DTSTART"], context), ["DTSTART;VALUE=DATE:20260305"]);
  assert.deepEqual(linesOf(wholeDays("2026-03-04T22:00Z", "2026-03-05T22:00Z"), ["DTSTART"]), [
    "DTSTART;VALUE=DATE:20260305",
  ]);
});

test("a whole day that ends when it begins lasts a day", () => {
  assert.deepEqual(linesOf(wholeDays("2026-03-05T00:00Z", "2026-03-05T00:00Z"), ["DTEND"]), [
    "DTEND;VALUE=DATE:20260306",
  ]);
});
