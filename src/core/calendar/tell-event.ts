import { type CalendarTime, findZone, type RecurrenceRule, SECONDS_PER_DAY } from "../icalendar/icalendar.ts";
import type { EventContent } from "./record.ts";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const UNITS = { YEARLY: "year", MONTHLY: "month", WEEKLY: "week", DAILY: "day", HOURLY: "hour" } as const;
const ORDINALS = ["", "first", "second", "third", "fourth", "fifth"];

/** An event in words for people: `"Budget", Tuesday 10 March 2026, 10:00–11:00 (Europe/Berlin), every week, 6 times`. */
export function tellEvent(content: EventContent): string {
  const { summary, location, status } = content;
  const repetition = tellRepetition(content);
  return [
    `"${summary ?? "(no title)"}"`,
    tellTimes(content),
    ...(repetition === "once" ? [] : [repetition]),
    ...(location === undefined ? [] : [`at "${location}"`]),
    ...(status === "TENTATIVE" ? ["tentative"] : []),
  ].join(", ");
}

/** `Tuesday 10 March 2026, 10:00 (Europe/Berlin)`, or the day alone. */
export function tellTime(time: CalendarTime): string {
  return time.kind === "date" ? tellDay(time) : `${tellDay(time)}, ${tellClock(time)} (${tellZone(time)})`;
}

/** An instant by the clocks of a zone, without saying which. */
export function tellInstant(instant: number, zone: string): string {
  const time: CalendarTime = { kind: "date-time", wall: findZone(zone, {}).toWall(instant), zone };
  return `${tellDay(time)}, ${tellClock(time)}`;
}

/** What readers see change from one version to the next, a line for each: `title: "A" → "B"`. */
export function tellChanges(before: EventContent, after: EventContent): string[] {
  const quoted = (text: string | undefined) => (text === undefined ? "none" : `"${text}"`);
  const told = ({ summary, location, url, status, transparency, ...rest }: EventContent) => ({
    title: quoted(summary),
    time: tellTimes(rest),
    repetition: tellRepetition(rest),
    place: quoted(location),
    link: quoted(url),
    certainty: status === "TENTATIVE" ? "tentative" : "certain",
    "shown as": transparency === "TRANSPARENT" ? "free" : "busy",
  });
  const [old, now] = [told(before), told(after)];
  const names = Object.keys(old) as (keyof typeof old)[];
  return [
    ...names.filter((name) => old[name] !== now[name]).map((name) => `${name}: ${old[name]} → ${now[name]}`),
    ...(before.description === after.description ? [] : ["the description is another"]),
  ];
}

function tellTimes({ start, end }: Pick<EventContent, "start" | "end">): string {
  if (start.kind === "date") {
    const last = end?.kind === "date" ? end.day - 1 : start.day;
    const until = last > start.day ? ` to ${tellDay({ kind: "date", day: last })}` : "";
    return `${tellDay(start)}${until}, all day`;
  }
  if (end?.kind !== "date-time" || end.wall === start.wall) return tellTime(start);
  const isSameDay = tellDay(start) === tellDay(end) && start.zone === end.zone;
  if (isSameDay) return `${tellDay(start)}, ${tellClock(start)}–${tellClock(end)} (${tellZone(start)})`;
  return `${tellTime(start)} to ${tellTime(end)}`;
}

let madeDayFormat: Intl.DateTimeFormat | undefined;

/** Made when it is needed: it takes 30 ms, and most processes tell nobody of an event. */
function dayFormat(): Intl.DateTimeFormat {
  madeDayFormat ??= new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  return madeDayFormat;
}

function tellDay(time: CalendarTime): string {
  const seconds = time.kind === "date" ? time.day * SECONDS_PER_DAY : time.wall;
  return dayFormat()
    .format(seconds * 1000)
    .replace(",", ""); // some versions of ICU put one after the weekday
}

function tellClock(time: CalendarTime & { kind: "date-time" }): string {
  return new Date(time.wall * 1000).toISOString().slice(11, 16);
}

function tellZone({ zone }: CalendarTime & { kind: "date-time" }): string {
  return zone.startsWith("Custom-") ? "in a time zone of the sender's own" : zone;
}

/** `once`, or `every 2 weeks on Monday and Thursday, until Thursday 9 April 2026, without Thursday 2 April 2026`. */
function tellRepetition({
  start,
  rule,
  dates,
  exclusions,
}: Pick<EventContent, "start" | "rule" | "dates" | "exclusions">): string {
  if (rule === undefined && dates.length === 0) return "once";
  return [
    ...(rule === undefined ? [] : [tellRule(rule, start)]),
    ...(dates.length === 0 ? [] : [`also on ${tellDays(dates)}`]),
    ...(exclusions.length === 0 ? [] : [`without ${tellDays(exclusions)}`]),
  ].join(", ");
}

function tellRule(rule: RecurrenceRule, start: CalendarTime): string {
  const { interval, count, until, byDay = [], byMonthDay = [] } = rule;
  const unit = UNITS[rule.frequency];
  const pace = interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`;
  const days = [
    ...byDay.map(({ weekday, ordinal }) => `${tellOrdinal(ordinal)}${WEEKDAYS[weekday]}`),
    ...byMonthDay.map((day) => (day > 0 ? `day ${day}` : `day ${-day} from the end`)),
  ];
  const named = days.length === 0 ? pace : `${pace} on ${enumerate(days)}`;
  if (count !== undefined) return `${named}, ${count} times`;
  if (until === undefined) return named;
  const zone = start.kind === "date" || start.zone.startsWith("Custom-") ? "UTC" : start.zone;
  const wall = findZone(zone, {}).toWall(until);
  return `${named}, until ${tellDay({ kind: "date", day: Math.floor(wall / SECONDS_PER_DAY) })}`;
}

function tellOrdinal(ordinal: number): string {
  if (ordinal === 0) return "";
  const place = ORDINALS[Math.abs(ordinal)] ?? `${Math.abs(ordinal)}th`;
  if (ordinal > 0) return `the ${place} `;
  return ordinal === -1 ? "the last " : `the ${place} to last `;
}

/** So many dates say what a list is about. */
const MAX_TOLD_DAYS = 5;

function tellDays(times: readonly CalendarTime[]): string {
  const told = times.slice(0, MAX_TOLD_DAYS).map(tellDay);
  return enumerate(times.length > told.length ? [...told, `${times.length - told.length} more dates`] : told);
}

function enumerate(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
