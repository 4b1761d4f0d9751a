import {
  type Outcome,
  type Payload,
  type RefusedComponent,
  readPayloads,
  selectCarriers,
} from "../calendar/calendar.ts";
import {
  type CalendarFault,
  type Component,
  findProperty,
  type Instant,
  readCalendarText,
  type ZoneId,
} from "../icalendar/icalendar.ts";
import { type Carrier, findCarriers, instantOf } from "./carriers.ts";
import { fromAddress } from "./from-address.ts";
import type { PartFault } from "./mime-parts.ts";

/** No clock is a day ahead. */
const MAX_DATE_LEAD_SECONDS = 86_400;
/** New events that one message may bring. */
const MAX_UIDS = 200;
/** Each message around a carrier counts as much as all differences between carriers. */
const RANK_PER_LEVEL = 10;

export interface ReadingContext {
  /** Our name in the Received fields that we write. */
  readonly domain: string;
  readonly defaultZone: ZoneId;
  /** When the file was received, for messages that carry no Received field of ours. */
  readonly fileDate: Instant;
}

/** What the secretary needs to know of a message. */
export interface MessageReading {
  /** Without angle brackets; empty when there is none. */
  readonly messageId: string;
  /** Address in From, lower case; empty when there is none. */
  readonly sender: string;
  readonly subject: string;
  readonly received: Instant;
  /** The addresses it was delivered to here. */
  readonly deliveredTo: readonly string[];
  readonly isMarkedAsSpam: boolean;
  readonly payloads: readonly Payload[];
  readonly refused: readonly RefusedComponent[];
}

const MAX_FIELD_LENGTH = 998;

/**
 * Reads a whole message into the payloads that may change the calendar, and the reasons for everything in
 * it that may not. Depends on nothing but its arguments; bounded in time and memory; never throws on input.
 */
export async function readMessage(octets: Uint8Array, context: ReadingContext): Promise<MessageReading> {
  const { carriers, faults, header, deliveredTo } = await findCarriers(octets);
  const received = receptionOf(header("received"), context);
  const refused: RefusedComponent[] = faults.map((reason) => ({
    uid: undefined,
    outcome: faultOutcome(reason),
  }));
  const payloads: Payload[] = [];
  for (const carrier of carriers) {
    for (const { calendar, rank } of readCarrier(carrier, refused)) {
      const messageDate = plausibleDate(carrier.messageDate, received);
      const { method } = carrier.part;
      const { domain, defaultZone } = context;
      const reading = readPayloads(calendar, { method, rank, messageDate, domain, defaultZone });
      payloads.push(...reading.payloads);
      refused.push(...reading.refused);
    }
  }
  const selection = selectCarriers(payloads);
  refused.push(...selection.refused);
  for (const { uid } of selection.payloads.slice(MAX_UIDS)) {
    refused.push({ uid, outcome: { outcome: "error", reason: "too-many" } });
  }
  if (payloads.length === 0 && refused.length === 0) {
    refused.push({ uid: undefined, outcome: { outcome: "no_action", reason: "no-calendar" } });
  }
  return {
    messageId: (header("message-id") ?? "").replace(/^<|>$/g, "").slice(0, MAX_FIELD_LENGTH),
    sender: fromAddress(header("from")),
    subject: (header("subject") ?? "").slice(0, MAX_FIELD_LENGTH),
    received,
    deliveredTo,
    isMarkedAsSpam: /^\s*yes\b/i.test(header("x-spam-flag") ?? ""),
    payloads: selection.payloads.slice(0, MAX_UIDS),
    refused,
  };
}

/** A missing or impossible Date is the time of reception. */
function plausibleDate(date: Instant | undefined, received: Instant): Instant {
  return date === undefined || date > received + MAX_DATE_LEAD_SECONDS ? received : date;
}

/** The date of the Received field on top, if we wrote it (RFC 5321 §4.4): it moves with the message. */
function receptionOf(field: string | undefined, { domain, fileDate }: ReadingContext): Instant {
  const [, receiver, date] = /\bby\s+(\S+)[\s\S]*;\s*([^;]+)$/i.exec(field ?? "") ?? [];
  return (receiver?.toLowerCase() === domain ? instantOf(date) : undefined) ?? fileDate;
}

interface RankedCalendar {
  readonly calendar: Component;
  readonly rank: number;
}

/** The VCALENDARs of one carrier with the rank of their kind of carrier: 1 is the best. */
function readCarrier(carrier: Carrier, refused: RefusedComponent[]): RankedCalendar[] {
  const { part, content, embeddingLevel } = carrier;
  const { calendars, faults } = readCalendarText(content, part.charset);
  refused.push(...faults.map(({ fault, uid }) => ({ uid, outcome: faultOutcome(fault) })));
  return calendars.map((calendar) => {
    const hasMethod = part.method !== undefined || findProperty(calendar, "METHOD") !== undefined;
    const rank = !hasMethod ? 3 : part.isInAlternative ? 1 : 2;
    return { calendar, rank: rank + RANK_PER_LEVEL * embeddingLevel };
  });
}

function faultOutcome(fault: CalendarFault | PartFault): Outcome {
  return fault === "bounce" ? { outcome: "no_action", reason: fault } : { outcome: "error", reason: fault };
}
