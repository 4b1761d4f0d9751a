import { type Component, findValue, type Instant, type ZoneId } from "../icalendar/icalendar.ts";
import { uidKeyOf } from "./calendar-uid.ts";
import type { Outcome } from "./outcome.ts";
import { PayloadTimes } from "./payload-times.ts";
import { type EventContext, readEvent } from "./read-event.ts";
import { type CalendarRecord, keyOfRecord, type Payload } from "./record.ts";

/** More instances of one UID than that are a flood. */
const MAX_OVERRIDES = 500;

const METHODS = ["REQUEST", "PUBLISH", "CANCEL", "ADD"] as const;

/** What is known of the carrier around a VCALENDAR. */
export interface CarrierContext {
  /** METHOD of the Content-Type, used when the body has none (RFC 6047 §2.4). */
  readonly method: string | undefined;
  readonly rank: number;
  readonly messageDate: Instant;
  /** For floating times and undefined TZIDs. */
  readonly defaultZone: ZoneId;
  /** The domain in UIDs made for events that have none. */
  readonly domain: string;
}

/** A component that gives no record, and why. */
export interface RefusedComponent {
  readonly uid: string | undefined;
  readonly outcome: Outcome;
}

export interface CalendarReading {
  readonly payloads: readonly Payload[];
  readonly refused: readonly RefusedComponent[];
}

/** Reads one VCALENDAR into payloads, one for each UID in it. Never throws on what a sender wrote. */
export function readPayloads(calendar: Component, carrier: CarrierContext): CalendarReading {
  const refused: RefusedComponent[] = [];
  const refuse = (component: Component, outcome: Outcome) => {
    refused.push({ uid: findValue(component, "UID")?.trim(), outcome });
  };
  const times = new PayloadTimes(calendar, carrier.defaultZone);
  const method = methodOf(calendar, carrier);
  const groups = new Map<string, { uid: string; records: CalendarRecord[] }>();

  for (const component of calendar.components) {
    if (component.name === "VTIMEZONE") continue;
    if (component.name !== "VEVENT") {
      refuse(component, { outcome: "no_action", reason: "unsupported-component" });
    } else if (method === undefined) {
      refuse(component, { outcome: "no_action", reason: "method-ignored" });
    } else {
      const reading = readEvent(component, { ...method, times, carrier });
      if ("outcome" in reading) refuse(component, reading);
      else if (!collect(groups, reading)) refuse(component, { outcome: "error", reason: "too-many" });
    }
  }

  const payloads: Payload[] = [];
  for (const [uidKey, { uid, records }] of groups) {
    const latest = latestOfEach(records, times);
    for (const record of records) {
      if (!latest.includes(record)) refused.push({ uid, outcome: { outcome: "no_action", reason: "stale" } });
    }
    const { rank, messageDate } = carrier;
    payloads.push({ uidKey, uid, records: latest, rank, messageDate, zones: times.customZones });
  }
  return { payloads, refused };
}

function collect(
  groups: Map<string, { uid: string; records: CalendarRecord[] }>,
  { uid, record }: { uid: string; record: CalendarRecord },
): boolean {
  const known = groups.get(uidKeyOf(uid));
  if (known === undefined) groups.set(uidKeyOf(uid), { uid, records: [record] });
  else if (known.records.length > MAX_OVERRIDES) return false;
  else known.records.push(record);
  return true;
}

/**
 * The body's METHOD wins over the Content-Type's, because gateways rewrite headers more often than bodies
 * (RFC 6047 §2.4 demands that they be equal); one that strayed into a component counts as the calendar's.
 * None at all means PUBLISH.
 * @returns nothing for methods that change no calendar: REPLY, COUNTER, REFRESH, DECLINECOUNTER, unknown ones.
 */
function methodOf(
  calendar: Component,
  { method: declared }: CarrierContext,
): Pick<EventContext, "method" | "isMethodGiven"> | undefined {
  const strayed = calendar.components.map((component) => findValue(component, "METHOD")).find(Boolean);
  const given = (findValue(calendar, "METHOD") ?? strayed ?? declared ?? "").trim().toUpperCase();
  if (given === "") return { method: "PUBLISH", isMethodGiven: false };
  const method = METHODS.find((accepted) => accepted === given);
  return method === undefined ? undefined : { method, isMethodGiven: true };
}

/** Of records about the same instance the highest version stays, at equal versions the one further down. */
function latestOfEach(records: readonly CalendarRecord[], times: PayloadTimes): CalendarRecord[] {
  const latest = new Map<string, CalendarRecord>();
  for (const record of records) {
    const key = keyOfRecord(record, times.customZones);
    const known = latest.get(key);
    const isOlder =
      known !== undefined &&
      (record.sequence < known.sequence ||
        (record.sequence === known.sequence && record.stamp < known.stamp));
    if (!isOlder) latest.set(key, record);
  }
  return [...latest.values()];
}
