import {
  type CalendarTime,
  readCalendarText,
  type ZoneDefinitions,
  type ZoneId,
} from "../icalendar/icalendar.ts";
import { instantKey } from "./instance-key.ts";
import { readPayloads } from "./read-payloads.ts";
import type { CalendarRecord } from "./record.ts";

/** One record in a few words for people: `"Budget", 2026-03-10 10:00 (Europe/Berlin)`. */
export function describeRecord({ recurrenceId, content }: CalendarRecord): string {
  const words: string[] = [];
  if (content?.summary !== undefined) words.push(`"${content.summary}"`);
  if (content !== undefined) words.push(describeTime(content.start));
  if (content?.rule !== undefined) words.push(`repeated ${content.rule.frequency.toLowerCase()}`);
  if (recurrenceId !== undefined) {
    const range = recurrenceId.thisAndFuture ? "from the date of" : "the date of";
    words.push(`${range} ${describeTime(recurrenceId.time)}`);
  }
  return words.join(", ");
}

/** `2026-03-10 10:00 (Europe/Berlin)`, `2026-03-10` for a whole day. */
function describeTime(time: CalendarTime): string {
  const seconds = time.kind === "date" ? time.day * 86_400 : time.wall;
  const iso = new Date(seconds * 1000).toISOString();
  return time.kind === "date" ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 16)} (${time.zone})`;
}

/** What a feed shows, an event a line, by its start; overrides after their series. */
export function describeFeed(feed: Uint8Array, defaultZone: ZoneId): string[] {
  const carrier = { method: undefined, rank: 1, messageDate: 0, defaultZone, domain: "" };
  const records = readCalendarText(feed)
    .calendars.flatMap((calendar) => readPayloads(calendar, carrier).payloads)
    .flatMap(({ records, zones }) => records.map((record) => ({ record, start: startOf(record, zones) })));
  return records.sort((a, b) => a.start - b.start).map(({ record }) => describeRecord(record));
}

function startOf({ content }: CalendarRecord, zones: ZoneDefinitions): number {
  return content === undefined ? 0 : instantKey(content.start, zones);
}
