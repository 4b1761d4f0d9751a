import { type Component, formatWall, type Property } from "../icalendar/icalendar.ts";
import { property } from "./ical-values.ts";
import { changeIn, type ZoneChange, type ZoneRules } from "./zone-rules.ts";

const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"] as const;
// Any year before all meetings does; an observance must begin on a day its rule names (RFC 5545 §3.6.5).
const FIRST_YEAR = 1970;

/** The VTIMEZONE with that TZID that keeps the clocks of a time zone structure (RFC 5545 §3.6.5). */
export function vtimezoneOf(tzid: string, rules: ZoneRules): Component {
  const { standardOffset, daylight } = rules;
  const components =
    daylight === undefined
      ? [observance("STANDARD", { from: standardOffset, to: standardOffset })]
      : [
          observance("STANDARD", { from: daylight.offset, to: standardOffset, change: daylight.ends }),
          observance("DAYLIGHT", { from: standardOffset, to: daylight.offset, change: daylight.begins }),
        ];
  return { name: "VTIMEZONE", properties: [property("TZID", tzid)], components };
}

function observance(
  name: "STANDARD" | "DAYLIGHT",
  { from, to, change }: { from: number; to: number; change?: ZoneChange },
): Component {
  const start = change === undefined ? 0 : changeIn(change, FIRST_YEAR);
  const properties: Property[] = [property("DTSTART", formatWall(start))];
  if (change !== undefined && change.on !== "once") properties.push(property("RRULE", ruleOf(change)));
  properties.push(property("TZOFFSETFROM", formatOffset(from)), property("TZOFFSETTO", formatOffset(to)));
  return { name, properties, components: [] };
}

function ruleOf(change: Exclude<ZoneChange, { on: "once" }>): string {
  const byMonth = `FREQ=YEARLY;BYMONTH=${change.month}`;
  if (change.on === "day") return `${byMonth};BYMONTHDAY=${change.day}`;
  return `${byMonth};BYDAY=${change.nth === 5 ? -1 : change.nth}${WEEKDAYS[change.weekday]}`;
}

/** `+0100` (RFC 5545 §3.3.14). */
function formatOffset(seconds: number): string {
  const minutes = Math.abs(seconds) / 60;
  const digits = Math.floor(minutes / 60) * 100 + (minutes % 60);
  return `${seconds < 0 ? "-" : "+"}${String(digits).padStart(4, "0")}`;
}
