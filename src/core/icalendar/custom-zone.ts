import { createHash } from "node:crypto";
import { type Component, findValue } from "./component.ts";
import { parseTime } from "./date-time.ts";
import { formatRecurrenceRule, type RecurrenceRule } from "./recurrence-rule.ts";
import { parseRecurrenceRule } from "./rule-parser.ts";
import { rulePeriods } from "./rule-periods.ts";
import { SECONDS_PER_DAY, type WallClock, type ZoneId } from "./time.ts";
import { fixedOffset, recordedOffsets, type Transition, type Zone, zoneOf } from "./zone.ts";

/** One STANDARD or DAYLIGHT (RFC 5545 §3.6.5). Offsets are seconds east of UTC. */
export interface Observance {
  readonly offsetFrom: number;
  readonly offsetTo: number;
  /** When it first begins, on the clock before the change. */
  readonly start: WallClock;
  readonly rule?: RecurrenceRule;
  /** Further times at which it begins. */
  readonly dates?: readonly WallClock[];
}

/** What a sender's VTIMEZONE says about the clocks: plain data, fit for JSON. */
export interface ZoneDefinition {
  readonly observances: readonly Observance[];
}

/** Real zones have two to ten; the whole history of the richest has about 150. */
const MAX_OBSERVANCES = 100;
/** Each twice a year from 1900 to 2100. */
const MAX_ONSETS = 400;
const MAX_TRANSITIONS = 1_000;
const END = Date.UTC(2101, 0, 1) / 1000;

/**
 * Reads a VTIMEZONE. Observances without offset or start are dropped, rules other than yearly ones too.
 * @returns nothing when no observance is left.
 */
export function readZoneDefinition(timezone: Component): ZoneDefinition | undefined {
  const observances = timezone.components
    .slice(0, MAX_OBSERVANCES)
    .flatMap((component) => readObservance(component) ?? []);
  return observances.length === 0 ? undefined : { observances };
}

function readObservance(component: Component): Observance | undefined {
  if (component.name !== "STANDARD" && component.name !== "DAYLIGHT") return undefined;
  const offsetTo = parseOffset(findValue(component, "TZOFFSETTO") ?? "");
  const start = parseOnset(findValue(component, "DTSTART") ?? "");
  if (offsetTo === undefined || start === undefined) return undefined;
  const offsetFrom = parseOffset(findValue(component, "TZOFFSETFROM") ?? "") ?? offsetTo;

  const ruleText = findValue(component, "RRULE");
  const parsed =
    ruleText === undefined
      ? undefined
      : parseRecurrenceRule(ruleText, {
          start: { kind: "date-time", wall: start, zone: "" },
          zone: zoneOf("", fixedOffset(offsetFrom)),
        }).rule;
  const dates = component.properties
    .filter((property) => property.name === "RDATE")
    .flatMap((property) => property.values)
    .slice(0, MAX_ONSETS)
    .flatMap((value) => parseOnset(value) ?? []);
  return {
    offsetFrom,
    offsetTo,
    start,
    ...(parsed?.frequency === "YEARLY" ? { rule: parsed } : {}),
    ...(dates.length > 0 ? { dates } : {}),
  };
}

/** UTC-OFFSET (RFC 5545 §3.3.14). Accepts a missing sign, a colon, and nothing of a day or more. */
function parseOffset(text: string): number | undefined {
  const match = /^\s*([+-]?)(\d\d):?(\d\d)(?::?(\d\d))?\s*$/.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const size = hours * 3600 + minutes * 60 + seconds;
  return match[1] === "-" ? -size : size;
}

function parseOnset(text: string): WallClock | undefined {
  // QUIRK: Outlook lets zones begin in 1601, others in the year 1. No event of ours is older than 1900.
  const time = parseTime(text.replace(/^\s*(?:0\d|1[0-8])\d\d/, "1900"));
  return time?.kind === "date" ? time.day * SECONDS_PER_DAY : time?.wall;
}

/** `Custom-` and 12 hex digits: the same for equal definitions, whatever their sender called them. */
export function customZoneId(definition: ZoneDefinition): ZoneId {
  const lines = definition.observances.map(({ offsetFrom, offsetTo, start, rule, dates = [] }) =>
    [offsetFrom, offsetTo, start, rule ? formatRecurrenceRule(rule, "date-time") : "", ...dates].join(" "),
  );
  const digest = createHash("sha256").update(lines.sort().join("\n")).digest("hex");
  return `Custom-${digest.slice(0, 12)}`;
}

/** The clocks of a definition. Before its first change, they show what it started from. */
export function customZone(definition: ZoneDefinition): Zone {
  const transitions = definition.observances.flatMap(transitionsOf).sort((a, b) => a.at - b.at);
  const initial = transitions[0]?.before ?? 0;
  const changes = chained(initial, transitions).slice(0, MAX_TRANSITIONS);
  return zoneOf(customZoneId(definition), recordedOffsets(initial, changes));
}

function transitionsOf({ offsetFrom, offsetTo, start, rule, dates = [] }: Observance): Transition[] {
  const onsets = rule === undefined ? [start] : ruleOnsets(rule, start, offsetFrom);
  return [...onsets, ...dates].map((wall) => ({
    at: wall - offsetFrom,
    before: offsetFrom,
    after: offsetTo,
  }));
}

/** DTSTART is an onset only if the rule says so too: senders often give it just any day. */
function ruleOnsets(rule: RecurrenceRule, start: WallClock, offsetFrom: number): WallClock[] {
  const periods = rulePeriods(rule, start);
  const limit = Math.min(rule.count ?? MAX_ONSETS, MAX_ONSETS);
  const last = (rule.until ?? END) + offsetFrom;
  const onsets: WallClock[] = [];
  for (let index = 0; periods.startOf(index) <= last; index += 1) {
    const candidates = periods.candidatesOf(index);
    for (let n = 0; n < candidates.length; n += 1) {
      const wall = candidates.at(n);
      if (onsets.length === limit || wall > last) return onsets;
      if (wall >= start) onsets.push(wall);
    }
  }
  return onsets.length > 0 ? onsets : [start];
}

/** What the clocks do: an observance may begin where it already was, or start from a wrong offset. */
function chained(initial: number, transitions: readonly Transition[]): Transition[] {
  const changes: Transition[] = [];
  let before = initial;
  for (const { at, after } of transitions) {
    if (after === before) continue;
    changes.push({ at, before, after });
    before = after;
  }
  return changes;
}
