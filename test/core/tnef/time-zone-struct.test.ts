import assert from "node:assert/strict";
import { test } from "node:test";
import { legacyTimeZone } from "../../../src/core/tnef/legacy-time-zone.ts";
import {
  isSameZone,
  parseTimeZoneDefinition,
  parseTimeZoneStruct,
  rulesFor,
} from "../../../src/core/tnef/time-zone-struct.ts";
import { vtimezoneOf } from "../../../src/core/tnef/vtimezone.ts";
import { instantAt, utcOffsetAt, wallClockAt, type ZoneRules } from "../../../src/core/tnef/zone-rules.ts";
import { contentLines } from "./content-lines.ts";
import { hex } from "./tnef-writer.ts";
import { DEFINITION_OF_BERLIN, STRUCT_OF_BERLIN } from "./vectors.ts";
import { ianaInstant, ianaWallClock, type TestZone, ZONES, zoneDefinition, zoneStruct } from "./zones.ts";

const BERLIN_LINES = [
  "BEGIN:VTIMEZONE",
  "TZID:Berlin",
  "BEGIN:STANDARD",
  "DTSTART:19701025T030000",
  "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
  "TZOFFSETFROM:+0200",
  "TZOFFSETTO:+0100",
  "END:STANDARD",
  "BEGIN:DAYLIGHT",
  "DTSTART:19700329T020000",
  "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
  "TZOFFSETFROM:+0100",
  "TZOFFSETTO:+0200",
  "END:DAYLIGHT",
  "END:VTIMEZONE",
];

function parsed(octets: Uint8Array): ZoneRules {
  const rules = parseTimeZoneStruct(octets);
  assert.ok(rules);
  return rules;
}

test("a time zone structure becomes a VTIMEZONE", () => {
  assert.deepEqual(contentLines(vtimezoneOf("Berlin", parsed(hex(STRUCT_OF_BERLIN)))), BERLIN_LINES);
});

test("a time zone definition has the name Windows uses and its effective rule", () => {
  const definition = parseTimeZoneDefinition(hex(DEFINITION_OF_BERLIN));
  assert.equal(definition?.name, "W. Europe Standard Time");
  assert.ok(definition);
  const rules = rulesFor(definition, 2026);
  assert.ok(rules);
  assert.ok(isSameZone(rules, parsed(hex(STRUCT_OF_BERLIN))));
});

test("a zone without daylight saving has one observance", () => {
  const india = ZONES.find(({ windows }) => windows === "India Standard Time");
  assert.ok(india);
  assert.deepEqual(contentLines(vtimezoneOf("India", parsed(zoneStruct(india)))), [
    "BEGIN:VTIMEZONE",
    "TZID:India",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0530",
    "TZOFFSETTO:+0530",
    "END:STANDARD",
    "END:VTIMEZONE",
  ]);
});

/** Every hour around the changes of clocks in both hemispheres, and now and then between. */
const HOURS = Array.from({ length: 24 * 366 }, (_, hour) => Date.UTC(2026, 0) / 1000 + hour * 3600).filter(
  (instant, hour) => hour % 50 === 0 || [2, 3, 8, 9, 10].includes(new Date(instant * 1000).getUTCMonth()),
);

for (const zone of ZONES) {
  test(`the clocks of ${zone.windows} go as those of ${zone.iana}, around every change`, () => {
    const rules = parsed(zoneStruct(zone));
    for (const instant of HOURS) {
      const wall = wallClockAt(rules, instant);
      assert.equal(wall, ianaWallClock(zone.iana, instant), new Date(instant * 1000).toISOString());
      assert.equal(instantAt(rules, wall), ianaInstant(zone.iana, wall));
    }
  });
}

test("a local time that is skipped takes the offset before the gap (RFC 5545 §3.3.5)", () => {
  const rules = parsed(hex(STRUCT_OF_BERLIN));
  assert.equal(instantAt(rules, Date.UTC(2026, 2, 29, 2, 30) / 1000), Date.UTC(2026, 2, 29, 1, 30) / 1000);
});

test("a definition of several rules: the effective one, else that of the year, else the first", () => {
  const [berlin, london] = ZONES as [TestZone, TestZone];
  const offset = (year: number, effective: number): number => {
    const octets = zoneDefinition(berlin, [
      { year: 2000, effective: effective === 0, zone: london },
      { year: 2010, effective: effective === 1, zone: berlin },
    ]);
    const definition = parseTimeZoneDefinition(octets);
    assert.ok(definition);
    const rules = rulesFor(definition, year);
    assert.ok(rules);
    return rules.standardOffset;
  };
  assert.equal(offset(2026, 0), 0);
  assert.equal(offset(2005, 1), 3600);
  assert.equal(offset(2026, -1), 3600);
  assert.equal(offset(2005, -1), 0);
  assert.equal(offset(1999, -1), 0);
});

test("a change on a day of the month, and one that happens once", () => {
  const struct = (standardYear: number, daylightYear: number): Uint8Array => {
    const octets = hex(STRUCT_OF_BERLIN);
    const view = new DataView(octets.buffer);
    for (const [at, year, day] of [
      [14, standardYear, 20],
      [32, daylightYear, 10],
    ] as const) {
      view.setUint16(at, year, true);
      view.setUint16(at + 6, day, true);
    }
    return octets;
  };
  const byDay = parsed(struct(1, 1));
  assert.equal(utcOffsetAt(byDay, Date.UTC(2026, 2, 10, 0, 59) / 1000), 3600);
  assert.equal(utcOffsetAt(byDay, Date.UTC(2026, 2, 10, 1, 0) / 1000), 7200);
  assert.ok(contentLines(vtimezoneOf("X", byDay)).includes("RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=10"));
  const once = parsed(struct(2026, 2026));
  assert.equal(utcOffsetAt(once, Date.UTC(2025, 6, 1) / 1000), 3600);
  assert.equal(utcOffsetAt(once, Date.UTC(2026, 6, 1) / 1000), 7200);
  assert.equal(utcOffsetAt(once, Date.UTC(2027, 6, 1) / 1000), 3600);
  assert.ok(contentLines(vtimezoneOf("X", once)).every((line) => !line.startsWith("RRULE")));
});

test("a zone that cannot be is none", () => {
  const broken = (at: number, value: number): Uint8Array => {
    const octets = hex(STRUCT_OF_BERLIN);
    octets[at] = value;
    return octets;
  };
  assert.equal(parseTimeZoneStruct(hex(STRUCT_OF_BERLIN).subarray(0, 47)), undefined);
  assert.equal(parseTimeZoneStruct(broken(3, 0x7f)), undefined, "bias");
  assert.equal(parseTimeZoneStruct(broken(16, 13)), undefined, "month");
  assert.equal(parseTimeZoneStruct(broken(18, 7)), undefined, "weekday");
  assert.equal(parseTimeZoneStruct(broken(20, 6)), undefined, "n-th weekday");
  assert.equal(parseTimeZoneStruct(broken(22, 24)), undefined, "hour");
  const definition = hex(DEFINITION_OF_BERLIN);
  for (let length = 0; length < definition.length; length++) {
    assert.equal(parseTimeZoneDefinition(definition.subarray(0, length)), undefined);
  }
  definition.set([0xff, 0xff], 54);
  assert.equal(parseTimeZoneDefinition(definition), undefined, "65535 rules");
});

test("PidLidTimeZone 4 keeps the clocks of Berlin, and of Algiers with its highest bit ([MS-OXOCAL] 2.2.5.6)", () => {
  const berlin = legacyTimeZone(4);
  assert.ok(berlin);
  assert.ok(isSameZone(berlin, parsed(hex(STRUCT_OF_BERLIN))));
  assert.deepEqual(legacyTimeZone(4 + 2 ** 31), { standardOffset: 3600 });
  assert.deepEqual(legacyTimeZone(13)?.standardOffset, -8 * 3600);
  assert.equal(legacyTimeZone(0), undefined);
  assert.equal(legacyTimeZone(60), undefined);
});
