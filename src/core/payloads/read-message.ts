import {
  type Outcome,
  type Payload,
  type RefusedComponent,
  readPayloads,
  selectCarriers,
} from "../calendar/calendar.ts";
import type { Instant, ZoneId } from "../icalendar/icalendar.ts";
import { findCarriers, fullAllowance, instantOf } from "./carriers.ts";
import { fromAddress } from "./from-address.ts";
import { type CarrierFault, readCarrier } from "./read-carrier.ts";
import { type SenderProof, senderProofOf } from "./sender-proof.ts";

/** New events that one message may bring. */
const MAX_UIDS = 200;

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
  readonly senderProof: SenderProof;
  readonly subject: string;
  readonly received: Instant;
  /** The addresses it was delivered to here. */
  readonly deliveredTo: readonly string[];
  readonly isMarkedAsSpam: boolean;
  readonly payloads: readonly Payload[];
  readonly refused: readonly RefusedComponent[];
  /** What was wrong with carriers, also with those that could be used all the same; for the log. */
  readonly remarks: readonly string[];
}

const MAX_FIELD_LENGTH = 998;
/** A damaged file has a thousand faults, and the first few say why. */
const MAX_REMARKS = 20;

/**
 * Reads a whole message into the payloads that may change the calendar, and the reasons for everything in
 * it that may not. Depends on nothing but its arguments; bounded in time and memory; never throws on input.
 */
export async function readMessage(octets: Uint8Array, context: ReadingContext): Promise<MessageReading> {
  const allowance = fullAllowance();
  const found = await findCarriers(octets, { level: 0, allowance });
  const { carriers, faults, header, text, deliveredTo, results } = found;
  const received = receptionOf(header("received"), context);
  const sender = fromAddress(header("from"));
  const isOurs = receiverOf(header("received")).receiver === context.domain;
  const refused: RefusedComponent[] = faults.map((reason) => ({
    uid: undefined,
    outcome: faultOutcome(reason),
  }));
  const payloads: Payload[] = [];
  const remarks = new Set<string>();
  const { domain, defaultZone } = context;
  const carrierContext = { received, defaultZone, allowance, remark: (text: string) => remarks.add(text) };
  for (const carrier of carriers) {
    const { calendars, faults } = await readCarrier(carrier, carrierContext);
    refused.push(...faults.map(({ fault, uid }) => ({ uid, outcome: faultOutcome(fault) })));
    for (const { calendar, rank, method, messageDate } of calendars) {
      const reading = readPayloads(calendar, { method, rank, messageDate, domain, defaultZone });
      payloads.push(...reading.payloads);
      refused.push(...reading.refused);
    }
  }
  const selection = selectCarriers(payloads);
  const { accepted, surplus } = withFewUids(selection.payloads);
  refused.push(...selection.refused, ...surplus);
  if (payloads.length === 0 && refused.length === 0) {
    refused.push({ uid: undefined, outcome: { outcome: "no_action", reason: "no-calendar" } });
  }
  return {
    messageId: (header("message-id") ?? "").replace(/^<|>$/g, "").slice(0, MAX_FIELD_LENGTH),
    sender,
    senderProof: senderProofOf(isOurs ? results : undefined, { sender, domain }),
    subject: (text("subject") ?? "").slice(0, MAX_FIELD_LENGTH),
    received,
    deliveredTo,
    isMarkedAsSpam: /^\s*yes\b/i.test(header("x-spam-flag") ?? ""),
    payloads: accepted,
    refused,
    remarks: [...remarks].slice(0, MAX_REMARKS),
  };
}

/** What belongs to the first UIDs of a message; of the others, every component is refused. */
function withFewUids(payloads: readonly Payload[]): { accepted: Payload[]; surplus: RefusedComponent[] } {
  const first = new Set([...new Set(payloads.map(({ uidKey }) => uidKey))].slice(0, MAX_UIDS));
  const surplus = payloads
    .filter(({ uidKey }) => !first.has(uidKey))
    .flatMap(({ uid, records }) => records.map(() => ({ uid, outcome: faultOutcome("too-many") })));
  return { accepted: payloads.filter(({ uidKey }) => first.has(uidKey)), surplus };
}

/** The date of the Received field on top, if we wrote it (RFC 5321 §4.4): it moves with the message. */
function receptionOf(field: string | undefined, { domain, fileDate }: ReadingContext): Instant {
  const { receiver, date } = receiverOf(field);
  return (receiver === domain ? instantOf(date) : undefined) ?? fileDate;
}

/** Who wrote a Received field, and when. */
function receiverOf(field: string | undefined): { receiver?: string; date?: string } {
  const [, receiver, date] = /\bby\s+(\S+)[\s\S]*;\s*([^;]+)$/i.exec(field ?? "") ?? [];
  return receiver === undefined || date === undefined ? {} : { receiver: receiver.toLowerCase(), date };
}

function faultOutcome(fault: CarrierFault): Outcome {
  return fault === "bounce" ? { outcome: "no_action", reason: fault } : { outcome: "error", reason: fault };
}
