import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Component,
  findZone,
  parseTime,
  type ResolvedZone,
  resolveZone,
} from "../../../src/core/icalendar/icalendar.ts";
import { definitionOf, type ObservanceText } from "./vtimezone-text.ts";

const BERLIN: readonly ObservanceText[] = [
  { from: "+0200", to: "+0100", start: "16010101T030000", more: ["RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"] },
  { from: "+0100", to: "+0200", start: "16010101T020000", more: ["RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"] },
];
const NEW_YORK: readonly ObservanceText[] = [
  { from: "-0400", to: "-0500", start: "20071104T020000", more: ["RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"] },
  { from: "-0500", to: "-0400", start: "20070311T020000", more: ["RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"] },
];
function fixed(offset: string): Component {
  return definitionOf({ from: offset, to: offset });
}

const MARCH_10 = wallOf("20260310T100000");
function wallOf(text: string): number {
  const time = parseTime(text);
  assert.ok(time?.kind === "date-time");
  return time.wall;
}

function resolve(tzid: string, definition?: Component, at = MARCH_10): ResolvedZone {
  return resolveZone(tzid, { definition, at, defaultZone: "Europe/Berlin" });
}

const NAMES: readonly (readonly [tzid: string, zone: string, source: string])[] = [
  // N15, and other names of UTC
  ["UTC", "UTC", "name"],
  ["Etc/GMT", "UTC", "name"],
  ["Z", "UTC", "name"],
  ["tzone://Microsoft/Utc", "UTC", "name"],
  // IANA names keep their spelling, but not their letter case
  ["Europe/Berlin", "Europe/Berlin", "name"],
  [' "europe/berlin" ', "Europe/Berlin", "name"],
  ["AMERICA/PORT-AU-PRINCE", "America/Port-au-Prince", "name"],
  ["asia/calcutta", "Asia/Calcutta", "name"],
  ["Asia/Kolkata", "Asia/Kolkata", "name"],
  ["Europe/Kyiv", "Europe/Kyiv", "name"],
  ["US/Eastern", "US/Eastern", "name"],
  ["EST5EDT", "EST5EDT", "name"],
  ["cet", "CET", "name"],
  ["Etc/GMT+1", "Etc/GMT+1", "name"],
  // N10
  ["/freeassociation.sourceforge.net/Tzfile/America/New_York", "America/New_York", "end-of-name"],
  ["/mozilla.org/20070129_1/Europe/Berlin", "Europe/Berlin", "end-of-name"],
  ["/citadel.org/20250101_1/America/Indiana/Knox", "America/Indiana/Knox", "end-of-name"],
  // N08
  ["W. Europe Standard Time", "Europe/Berlin", "windows-name"],
  ["Romance Standard Time", "Europe/Paris", "windows-name"],
  ["eastern standard time", "America/New_York", "windows-name"],
  ["Pacific Standard Time (Mexico)", "America/Tijuana", "windows-name"],
  ["Central Asia Standard Time", "Asia/Bishkek", "windows-name"],
  // Lotus writes the names without their last words
  ["W. Europe", "Europe/Berlin", "windows-name"],
  ["AUS Eastern", "Australia/Sydney", "windows-name"],
  // N09
  ["(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin", "displayed-name"],
  ["(GMT+01.00) Sarajevo/Warsaw/Zagreb", "Europe/Berlin", "default"],
  ["(GMT+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien", "Europe/Berlin", "displayed-name"],
  ["Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin", "displayed-name"],
  ["(GMT-05:00) Eastern Time (US & Canada)", "America/New_York", "displayed-name"],
  ["(UTC-05:00) Eastern Standard Time", "America/New_York", "displayed-name"],
  ["(UTC) Coordinated Universal Time", "UTC", "displayed-name"],
  ["(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", "Europe/London", "displayed-name"],
  ["GMT+0000", "UTC", "offset"],
  // N11
  ["Foo/Bar", "Europe/Berlin", "default"],
  // Intl knows these; their writers mean whatever they mean
  ["IST", "Europe/Berlin", "default"],
  ["CST", "Europe/Berlin", "default"],
  ["SystemV/EST5EDT", "EST5EDT", "end-of-name"],
  ["Etc/Unknown", "Europe/Berlin", "default"],
  ["constructor", "Europe/Berlin", "default"],
  ["", "Europe/Berlin", "default"],
];

for (const [tzid, zone, source] of NAMES) {
  test(`resolveZone finds ${zone} for "${tzid}" alone (${source})`, () => {
    assert.deepEqual(resolve(tzid), { zone, source });
  });
}

test("resolveZone believes a Windows name that its VTIMEZONE confirms (N08)", () => {
  const found = resolve("W. Europe Standard Time", definitionOf(...BERLIN));
  assert.deepEqual(found, { zone: "Europe/Berlin", source: "windows-name" });
});

test("resolveZone believes an IANA name whatever its VTIMEZONE says (N14)", () => {
  assert.deepEqual(resolve("Europe/Berlin", fixed("+0300")), { zone: "Europe/Berlin", source: "name" });
});

test("resolveZone believes the VTIMEZONE against any other name", () => {
  const found = resolve("Eastern Standard Time", definitionOf(...BERLIN));
  assert.deepEqual(found, { zone: "Europe/Berlin", source: "rules" });
  const odd = resolve("/mozilla.org/Europe/Berlin", fixed("+0137"));
  assert.equal(odd.source, "definition");
});

test("resolveZone compares at DTSTART, where the same rules may not yet have been in force", () => {
  const winter = resolve("Eastern Standard Time", fixed("-0500"), wallOf("20260110T100000"));
  assert.equal(winter.zone, "America/New_York");
  const summer = resolve("Eastern Standard Time", fixed("-0500"), wallOf("20260710T100000"));
  assert.deepEqual(summer, { zone: "America/Bogota", source: "rules" });
});

test("resolveZone reads X-LIC-LOCATION of libical", () => {
  const timezone = definitionOf({ ...{ from: "+0300", to: "+0300" }, more: [] });
  const named = (location: string): Component => ({
    ...timezone,
    properties: [{ name: "X-LIC-LOCATION", parameters: new Map(), values: [location] }],
  });
  assert.deepEqual(resolve("Mine", named("Asia/Riyadh")), { zone: "Asia/Riyadh", source: "location" });
  assert.deepEqual(resolve("Mine", named("SystemV/EST5EDT")), { zone: "EST5EDT", source: "location" });
});

test("resolveZone reads the numbers of Exchange 2000, and of number 2 the name", () => {
  const numbered = (number: string, ...observances: readonly ObservanceText[]): Component => ({
    ...definitionOf(...observances),
    properties: [{ name: "X-MICROSOFT-CDO-TZID", parameters: new Map(), values: [number] }],
  });
  const cet = { from: "+0100", to: "+0100" };
  const wet = { from: "+0000", to: "+0000" };
  assert.equal(resolve("Mitteleuropa", numbered("4", cet)).zone, "Europe/Berlin");
  assert.equal(resolve("Lisbon, Warsaw", numbered("2", wet)).zone, "Europe/Lisbon");
  assert.equal(resolve("Sarajevo, Skopje, Sofija", numbered("2", cet)).zone, "Europe/Sarajevo");
  assert.equal(resolve("Mitteleuropa", numbered("toString", cet)).source, "rules");
  // a number that the rules contradict is not believed
  assert.equal(resolve("Mitteleuropa", numbered("10", cet)).source, "rules");
});

test("resolveZone knows a zone by its rules, the best known of equals", () => {
  assert.deepEqual(resolve("Customized Time Zone", definitionOf(...BERLIN)), {
    zone: "Europe/Berlin",
    source: "rules",
  });
  assert.deepEqual(resolve("tzone://Microsoft/Custom", definitionOf(...NEW_YORK)), {
    zone: "America/New_York",
    source: "rules",
  });
  const pacific = [
    {
      from: "-0700",
      to: "-0800",
      start: "20071104T020000",
      more: ["RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"],
    },
    { from: "-0800", to: "-0700", start: "20070311T020000", more: ["RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"] },
  ];
  assert.equal(resolve("Mine", definitionOf(...pacific)).zone, "America/Los_Angeles");
});

test("resolveZone keeps a zone that is nowhere on earth as a custom one (N12)", () => {
  const { zone, source, definition } = resolve("Customized Time Zone", fixed("+0137"));
  assert.match(zone, /^Custom-[0-9a-f]{12}$/);
  assert.equal(source, "definition");
  assert.ok(definition);
  assert.equal(findZone(zone, { [zone]: definition }).offsetAt(0), 97 * 60);
  const thawed = JSON.parse(JSON.stringify(definition));
  assert.equal(findZone(zone, { [zone]: thawed }).id, zone);
});

test("resolveZone reads the same TZID in two ways, as each mail defines it (N13)", () => {
  const instantIn = (offset: string): number => {
    const { zone, definition } = resolve("My Zone", fixed(offset));
    return findZone(zone, definition === undefined ? {} : { [zone]: definition }).toInstant(MARCH_10);
  };
  assert.equal(instantIn("+0100"), wallOf("20260310T090000"));
  assert.equal(instantIn("-0500"), wallOf("20260310T150000"));
});

test("resolveZone reads an offset as TZID east of Greenwich, unlike Etc/GMT+1", () => {
  for (const [tzid, offset] of [
    ["GMT+0100", 3600],
    ["UTC+01:00", 3600],
    ["+0530", 19_800],
    ["GMT-3", -10_800],
  ] as const) {
    const { zone, definition, source } = resolve(tzid);
    assert.equal(source, "offset", tzid);
    assert.ok(definition);
    assert.equal(findZone(zone, { [zone]: definition }).offsetAt(0), offset, tzid);
  }
  assert.equal(findZone("Etc/GMT+1", {}).offsetAt(0), -3600);
});

test("resolveZone falls through a VTIMEZONE without usable rules", () => {
  const empty = definitionOf();
  assert.deepEqual(resolve("Mine", empty), { zone: "Europe/Berlin", source: "default" });
  assert.deepEqual(resolve("Mine", fixed("+9999")), { zone: "Europe/Berlin", source: "default" });
});

test("resolveZone answers at once for a TZID without end", () => {
  for (const tzid of ["/".repeat(200_000), `a${" ".repeat(200_000)}b`, "(UTC".repeat(50_000)]) {
    assert.equal(resolve(tzid).source, "default");
    assert.equal(resolve(tzid, fixed("+0137")).source, "definition");
  }
});
