import assert from "node:assert/strict";
import { type Component, readCalendarText } from "../../../src/core/icalendar/icalendar.ts";

/** The VTIMEZONE with these lines inside, read as a sender's would be. */
export function timezoneOf(...lines: readonly string[]): Component {
  const text = ["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR", ""].join("\r\n");
  const timezone = readCalendarText(new TextEncoder().encode(text)).calendars[0]?.components[0];
  assert.equal(timezone?.name, "VTIMEZONE");
  return timezone;
}

/** A VTIMEZONE of such observances. */
export function definitionOf(...observances: readonly ObservanceText[]): Component {
  return timezoneOf(
    "BEGIN:VTIMEZONE",
    "TZID:Some Zone",
    ...observances.flatMap(({ from, to, start = "19700101T000000", more = [] }) => [
      "BEGIN:STANDARD",
      `DTSTART:${start}`,
      `TZOFFSETFROM:${from}`,
      `TZOFFSETTO:${to}`,
      ...more,
      "END:STANDARD",
    ]),
    "END:VTIMEZONE",
  );
}

export interface ObservanceText {
  readonly from: string;
  readonly to: string;
  readonly start?: string;
  readonly more?: readonly string[];
}
