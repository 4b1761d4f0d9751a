import { parseTime, SECONDS_PER_DAY } from "../icalendar/icalendar.ts";
import type { CalendarRecord, EventContent, Payload } from "./record.ts";
import { seriesOf } from "./series.ts";

/** Whether a record is about what somebody remembers of it: words of its title, or a day, `2026-03-10`. */
export function isMeant({ content }: CalendarRecord, words: string, { zones }: Payload): boolean {
  if (content === undefined) return false;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(words) ? parseTime(words.replaceAll("-", "")) : undefined;
  if (day?.kind === "date") return isOn(content, day.day, zones);
  return (content.summary ?? "").toLowerCase().includes(words.toLowerCase());
}

/** Whether any date of an event begins on a day, by the clocks of the event. */
function isOn(content: EventContent, day: number, zones: Payload["zones"]): boolean {
  const { set, start, zone } = seriesOf(content, zones);
  const keyOfDay = (of: number) =>
    start.kind === "date" ? of * SECONDS_PER_DAY : zone.toInstant(of * SECONDS_PER_DAY);
  const first = set.firstAtOrAfter(keyOfDay(day));
  return first !== undefined && first < keyOfDay(day + 1);
}
