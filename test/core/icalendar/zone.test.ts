import assert from "node:assert/strict";
import { test } from "node:test";
import { findZone, type Instant, parseTime, type WallClock } from "../../../src/core/icalendar/icalendar.ts";

/** `20260329T023000` as a wall clock, `…Z` as an instant: the same number. */
function at(text: string): WallClock & Instant {
  const time = parseTime(text);
  assert.ok(time?.kind === "date-time", text);
  return time.wall;
}

const MOMENTS: readonly { zone: string; wall: string; instant: string; why: string }[] = [
  { zone: "UTC", wall: "20260310T100000", instant: "20260310T100000Z", why: "UTC" },
  { zone: "Europe/Berlin", wall: "20260310T100000", instant: "20260310T090000Z", why: "winter" },
  { zone: "Europe/Berlin", wall: "20260710T100000", instant: "20260710T080000Z", why: "summer" },
  { zone: "America/New_York", wall: "20260310T100000", instant: "20260310T140000Z", why: "west" },
  { zone: "Asia/Kolkata", wall: "20260310T100000", instant: "20260310T043000Z", why: "half hours" },
  {
    zone: "Australia/Lord_Howe",
    wall: "20260110T100000",
    instant: "20260109T230000Z",
    why: "half an hour of DST",
  },
  { zone: "Europe/Berlin", wall: "20260329T015959", instant: "20260329T005959Z", why: "before the gap" },
  { zone: "Europe/Berlin", wall: "20260329T030000", instant: "20260329T010000Z", why: "after the gap" },
  { zone: "Europe/Berlin", wall: "20261025T023000", instant: "20261025T003000Z", why: "the first of two" },
  { zone: "Europe/Berlin", wall: "20261025T030000", instant: "20261025T020000Z", why: "after both" },
  {
    zone: "America/New_York",
    wall: "20071104T013000",
    instant: "20071104T053000Z",
    why: "RFC 5545 §3.3.5, example",
  },
  {
    zone: "Pacific/Apia",
    wall: "20111229T235959",
    instant: "20111230T095959Z",
    why: "before the skipped day",
  },
  {
    zone: "Pacific/Apia",
    wall: "20111231T000000",
    instant: "20111230T100000Z",
    why: "after the skipped day",
  },
  { zone: "Africa/Monrovia", wall: "19710101T000000", instant: "19710101T004430Z", why: "seconds" },
  { zone: "Europe/Berlin", wall: "19450801T120000", instant: "19450801T090000Z", why: "double summer time" },
  { zone: "America/Los_Angeles", wall: "20990701T120000", instant: "20990701T190000Z", why: "far ahead" },
];

for (const { zone, wall, instant, why } of MOMENTS) {
  test(`Zone ${zone}, ${why}: ${wall} is ${instant}`, () => {
    assert.equal(findZone(zone, {}).toInstant(at(wall)), at(instant));
    assert.equal(findZone(zone, {}).toWall(at(instant)), at(wall));
  });
}

const SKIPPED: readonly { zone: string; wall: string; instant: string }[] = [
  { zone: "Europe/Berlin", wall: "20260329T023000", instant: "20260329T013000Z" },
  { zone: "America/New_York", wall: "20070311T023000", instant: "20070311T073000Z" },
  { zone: "Pacific/Apia", wall: "20111230T120000", instant: "20111230T220000Z" },
];

for (const { zone, wall, instant } of SKIPPED) {
  test(`Zone ${zone} reads ${wall}, which is skipped, with the offset before (RFC 5545 §3.3.5)`, () => {
    assert.equal(findZone(zone, {}).toInstant(at(wall)), at(instant));
  });
}

test("Zone shows every instant as Intl does, in any zone and century", () => {
  for (const name of [
    "Europe/Dublin",
    "Africa/Casablanca",
    "America/St_Johns",
    "Asia/Gaza",
    "Asia/Kathmandu",
  ]) {
    const zone = findZone(name, {});
    const format = new Intl.DateTimeFormat("sv", { timeZone: name, dateStyle: "short", timeStyle: "medium" });
    for (let instant = at("19000102T000000"); instant < at("20991231T000000"); instant += 1_234_567) {
      const shown = new Date(zone.toWall(instant) * 1000).toISOString().slice(0, 19).replace("T", " ");
      if (shown !== format.format(instant * 1000)) assert.fail(`${name} at ${instant}: ${shown}`);
    }
  }
});

test("Zone.transitions come in order, from the first moment on and before the last", () => {
  const zone = findZone("Europe/Berlin", {});
  const [spring, autumn] = [at("20260329T010000Z"), at("20261025T010000Z")];
  assert.deepEqual(zone.transitions(spring, autumn), [{ at: spring, before: 3600, after: 7200 }]);
  assert.deepEqual(zone.transitions(spring + 1, autumn + 1), [{ at: autumn, before: 7200, after: 3600 }]);
  const all = zone.transitions(at("19600101T000000Z"), at("20500101T000000Z"));
  assert.equal(all.length, 140); // twice a year since 1980
  assert.ok(all.every((transition, index) => index === 0 || transition.before === all[index - 1]?.after));
});

test("findZone says which zone it does not know", () => {
  assert.throws(() => findZone("Custom-0123456789ab", {}), /Cannot find zone "Custom-0123456789ab"/);
  assert.throws(() => findZone("Europe/Atlantis", {}), /Europe\/Atlantis/);
});
