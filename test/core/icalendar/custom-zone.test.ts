import assert from "node:assert/strict";
import { test } from "node:test";
import { customZone, readZoneDefinition } from "../../../src/core/icalendar/custom-zone.ts";
import type { Zone } from "../../../src/core/icalendar/icalendar.ts";
import { definitionOf, type ObservanceText, timezoneOf } from "./vtimezone-text.ts";

function zoneOf(...observances: readonly ObservanceText[]): Zone {
  const definition = readZoneDefinition(definitionOf(...observances));
  assert.ok(definition);
  return customZone(definition);
}

const at = (text: string): number => Date.parse(text) / 1000;
const hours = (zone: Zone, text: string): number => zone.offsetAt(at(text)) / 3600;

const SUMMER: ObservanceText = {
  from: "+0100",
  to: "+0200",
  start: "19810329T020000",
  more: ["RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"],
};
const WINTER: ObservanceText = {
  from: "+0200",
  to: "+0100",
  start: "19961027T030000",
  more: ["RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"],
};

test("readZoneDefinition reads rules", () => {
  const zone = zoneOf(SUMMER, WINTER);
  assert.equal(hours(zone, "2026-03-29T00:59:59Z"), 1);
  assert.equal(hours(zone, "2026-03-29T01:00:00Z"), 2);
  assert.equal(hours(zone, "2026-10-25T01:00:00Z"), 1);
  assert.equal(hours(zone, "2100-07-01T00:00:00Z"), 2);
  assert.equal(hours(zone, "1970-07-01T00:00:00Z"), 1); // before anything was said
});

test("readZoneDefinition takes rules of Outlook, which begin in 1601, and of the year 1", () => {
  for (const start of ["16010101T000000", "00010101T000000", "16010325T020000"]) {
    const zone = zoneOf(
      { ...SUMMER, start: start.replace("000000", "020000") },
      { ...WINTER, start: start.replace(/T.*/, "T030000") },
    );
    assert.equal(hours(zone, "2026-03-29T01:00:00Z"), 2, start);
    assert.equal(hours(zone, "2026-10-25T01:00:00Z"), 1, start);
  }
});

test("readZoneDefinition takes a rule whose DTSTART it does not name", () => {
  const zone = zoneOf({ ...SUMMER, start: "20070101T020000" }, { ...WINTER, start: "20070101T030000" });
  assert.equal(hours(zone, "2007-02-01T00:00:00Z"), 1);
  assert.equal(hours(zone, "2007-07-01T00:00:00Z"), 2);
});

test("readZoneDefinition stops a rule at its UNTIL, which is in UTC", () => {
  const until = { ...SUMMER, more: ["RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20150329T010000Z"] };
  const zone = zoneOf(until, WINTER);
  assert.equal(hours(zone, "2015-07-01T00:00:00Z"), 2);
  assert.equal(hours(zone, "2016-07-01T00:00:00Z"), 1);
});

test("readZoneDefinition reads RDATEs beside DTSTART", () => {
  const zone = zoneOf({
    from: "+0300",
    to: "+0400",
    start: "20200101T000000",
    more: ["RDATE:20240101T000000,20260101T000000", "RDATE:nonsense"],
  });
  assert.equal(zone.transitions(0, at("2100-01-01T00:00:00Z")).length, 1); // it never goes back in between
  const back = { from: "+0400", to: "+0300", start: "20210101T000000", more: ["RDATE:20250101T000000"] };
  const both = zoneOf(
    { from: "+0300", to: "+0400", start: "20200101T000000", more: ["RDATE:20240101T000000"] },
    back,
  );
  assert.deepEqual(
    ["2019", "2020", "2022", "2024", "2026"].map((year) => hours(both, `${year}-06-01T00:00:00Z`)),
    [3, 4, 3, 4, 3],
  );
});

test("readZoneDefinition reads offsets with seconds, and without a sign", () => {
  assert.equal(zoneOf({ from: "-004430", to: "-004430" }).offsetAt(0), -(44 * 60 + 30));
  assert.equal(zoneOf({ from: "0530", to: "+05:30" }).offsetAt(0), 19_800);
});

test("readZoneDefinition drops what cannot be used", () => {
  const good = { from: "+0100", to: "+0100" };
  for (const bad of [
    { from: "+0100", to: "" },
    { from: "+0100", to: "+2400" },
    { from: "+0100", to: "one hour" },
    { from: "+0100", to: "+0200", start: "20260231T000000" },
  ]) {
    assert.equal(readZoneDefinition(definitionOf(good, bad))?.observances.length, 1, JSON.stringify(bad));
  }
  assert.equal(readZoneDefinition(definitionOf()), undefined);
  assert.equal(readZoneDefinition(timezoneOf("BEGIN:VTIMEZONE", "END:VTIMEZONE")), undefined);
});

test("readZoneDefinition knows no rules but yearly ones", () => {
  for (const rule of ["FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=SECONDLY", "nonsense"]) {
    const definition = readZoneDefinition(definitionOf({ ...SUMMER, more: [`RRULE:${rule}`] }));
    assert.equal(definition?.observances[0]?.rule, undefined, rule);
  }
});

test("readZoneDefinition and customZone keep to their bounds", () => {
  const everyDay = { ...SUMMER, more: ["RRULE:FREQ=YEARLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYHOUR=1,2,3"] };
  const flood = Array.from({ length: 300 }, (_, index) => ({
    ...everyDay,
    to: `+${String(index % 14).padStart(2, "0")}00`,
  }));
  const definition = readZoneDefinition(definitionOf(...flood));
  assert.equal(definition?.observances.length, 100);
  const zone = customZone(definition);
  assert.ok(zone.transitions(-3e9, 5e9).length <= 1_000);
  assert.ok(Math.abs(zone.toInstant(at("2026-03-10T10:00:00Z")) - at("2026-03-10T10:00:00Z")) < 86_400);
});

test("a custom zone is named after its content alone", () => {
  const [name, other] = [zoneOf(SUMMER, WINTER).id, zoneOf(WINTER, SUMMER).id];
  assert.equal(name, other);
  assert.match(name, /^Custom-[0-9a-f]{12}$/);
  assert.notEqual(name, zoneOf(SUMMER).id);
});
