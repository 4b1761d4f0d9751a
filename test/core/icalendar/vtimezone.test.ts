import assert from "node:assert/strict";
import { test } from "node:test";
import ICAL from "ical.js";
import { customZone, readZoneDefinition } from "../../../src/core/icalendar/custom-zone.ts";
import {
  findZone,
  formatVtimezone,
  type Transition,
  type Zone,
} from "../../../src/core/icalendar/icalendar.ts";
import { definitionOf, timezoneOf } from "./vtimezone-text.ts";

const start = (year: number): number => Date.UTC(year, 0, 1) / 1000;

function lines(zone: string, fromYear: number): string[] {
  return formatVtimezone(findZone(zone, {}), fromYear);
}

test("formatVtimezone tells both rules since they began (P09)", () => {
  assert.deepEqual(lines("Europe/Berlin", 2026), [
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    "BEGIN:DAYLIGHT",
    "DTSTART:19810329T020000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:19961027T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
  ]);
});

test("formatVtimezone tells a zone that does not change by one observance", () => {
  assert.deepEqual(lines("Asia/Kolkata", 2026), [
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Kolkata",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0530",
    "TZOFFSETTO:+0530",
    "END:STANDARD",
    "END:VTIMEZONE",
  ]);
  assert.equal(lines("Europe/Istanbul", 2026).length, 8); // last changed in 2016
});

test("formatVtimezone tells older transitions one by one, from the year asked for", () => {
  const count = (zone: string, fromYear: number) =>
    lines(zone, fromYear).filter((line) => line.startsWith("DTSTART")).length;
  assert.equal(count("Europe/Berlin", 1997), 2);
  assert.equal(count("Europe/Berlin", 1996), 3); // and the autumn before, in which summer time ended early
  assert.equal(count("America/New_York", 2007), 3);
  assert.equal(count("America/Sao_Paulo", 2018), 4);
  assert.deepEqual(lines("Europe/Berlin", 1950), lines("Europe/Berlin", 1970));
});

test("formatVtimezone says rules in months that a Thursday at 24:00 reaches over", () => {
  const rules = lines("Africa/Cairo", 2026).filter((line) => line.startsWith("RRULE"));
  assert.deepEqual(rules, [
    "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=-1FR",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=26,27,28,29,30,31;BYDAY=FR",
    "RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=1;BYDAY=FR",
  ]);
});

test("formatVtimezone rounds seconds, which Outlook on the web refuses", () => {
  const text = lines("Africa/Monrovia", 1970).join("\n"); // -0:44:30 until 1972
  assert.match(text, /TZOFFSETTO:-0044\n|TZOFFSETTO:-0045\n/);
  assert.doesNotMatch(text, /TZOFFSET\w+:[+-]\d{5}/);
});

test("formatVtimezone writes a custom zone from its definition (N12)", () => {
  const definition = readZoneDefinition(definitionOf({ from: "+0137", to: "+0137" }));
  assert.ok(definition);
  const zone = customZone(definition);
  assert.deepEqual(formatVtimezone(zone, 2026).slice(1, 6), [
    `TZID:${zone.id}`,
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0137",
    "TZOFFSETTO:+0137",
  ]);
});

test("formatVtimezone needs no seconds, no RDATE, no name and less than 3 kB for any zone", () => {
  for (const name of Intl.supportedValuesOf("timeZone")) {
    const text = lines(name, 2026).join("\r\n");
    assert.doesNotMatch(text, /RDATE|TZNAME|TZURL|LAST-MODIFIED|TZOFFSET\w+:[+-]\d{5}/, name);
    assert.ok(text.length < 3_000, `${name}: ${text.length}`);
  }
});

const inMinutes = (seconds: number): number => Math.round(seconds / 60) * 60;

/** A local time before each transition and one after it, as near to it as leaves no doubt which of two is meant. */
function judge(transitions: readonly Transition[], offsetOf: (wall: number) => number, name: string): void {
  for (const { at, before, after } of transitions.map(roundedTransition)) {
    const told = [offsetOf(at + Math.min(before, after) - 1), offsetOf(at + Math.max(before, after))];
    if (told[0] !== before || told[1] !== after)
      assert.fail(`${name} at ${new Date(at * 1000).toISOString()}: ${told} instead of ${before},${after}`);
  }
}

function roundedTransition({ at, before, after }: Transition): Transition {
  return { at, before: inMinutes(before), after: inMinutes(after) };
}

function readBack(zone: Zone, fromYear: number): Zone {
  const definition = readZoneDefinition(timezoneOf(...formatVtimezone(zone, fromYear)));
  assert.ok(definition, zone.id);
  return customZone(definition);
}

test("every zone, read back from its VTIMEZONE, changes when Intl does, 1970 to 2037", () => {
  for (const name of Intl.supportedValuesOf("timeZone")) {
    const zone = findZone(name, {});
    const all = zone.transitions(start(1970), start(2038));
    // Our own reader takes 100 observances; the history of few zones since 1970 has more.
    const readable = all.length <= 100 ? 1970 : 2000;
    for (const fromYear of [readable, 2026]) {
      const back = readBack(zone, fromYear);
      const later = all.filter(({ at }) => at >= start(fromYear));
      assert.equal(back.offsetAt(start(fromYear)), inMinutes(zone.offsetAt(start(fromYear))), name);
      judge(later, (wall) => back.offsetAt(back.toInstant(wall)), `${name} from ${fromYear}`);
    }
  }
});

const ODD_ZONES = [
  ..."Africa/Cairo Africa/Casablanca Africa/El_Aaiun Africa/Monrovia Africa/Windhoek".split(" "),
  ..."America/Asuncion America/Boa_Vista America/Caracas America/Halifax America/Havana".split(" "),
  ..."America/Mexico_City America/New_York America/Nuuk America/Santiago America/Sao_Paulo".split(" "),
  ..."America/St_Johns America/Los_Angeles America/Scoresbysund America/Miquelon".split(" "),
  ..."Antarctica/Casey Antarctica/Troll Asia/Beirut Asia/Gaza Asia/Jerusalem Asia/Kathmandu".split(" "),
  ..."Asia/Pyongyang Asia/Tehran Asia/Tokyo Atlantic/Azores Australia/Adelaide".split(" "),
  ..."Australia/Lord_Howe Australia/Sydney Europe/Berlin Europe/Chisinau Europe/Dublin".split(" "),
  ..."Europe/Istanbul Europe/London Europe/Moscow Pacific/Apia Pacific/Auckland Pacific/Chatham".split(" "),
  ..."Pacific/Easter Pacific/Kiritimati Pacific/Norfolk".split(" "),
];

for (const name of ODD_ZONES) {
  test(`ical.js reads our VTIMEZONE of ${name} as Intl has it`, () => {
    const zone = findZone(name, {});
    const text = formatVtimezone(zone, 1970).join("\r\n");
    const judged = new ICAL.Timezone(new ICAL.Component(ICAL.parse(text)));
    const offsetOf = (wall: number) => judged.utcOffset(ICAL.Time.fromJSDate(new Date(wall * 1000), true));
    judge(zone.transitions(start(1970), start(2035)), offsetOf, name); // ical.js looks no further
  });
}

test("rules in force hold until 2099", () => {
  for (const name of [
    "Africa/Cairo",
    "America/New_York",
    "America/Nuuk",
    "Asia/Jerusalem",
    "Europe/Berlin",
  ]) {
    const zone = findZone(name, {});
    const back = readBack(zone, 2026);
    judge(zone.transitions(start(2038), start(2100)), (wall) => back.offsetAt(back.toInstant(wall)), name);
  }
});
