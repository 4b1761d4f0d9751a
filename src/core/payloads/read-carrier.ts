import {
  type CalendarFault,
  type Component,
  findProperty,
  findZone,
  type Instant,
  readCalendarText,
  type ZoneId,
} from "../icalendar/icalendar.ts";
import {
  isTnef,
  type OuterMail,
  readTnef,
  type TnefAttachment,
  type TnefMessage,
  type TnefProblemCode,
} from "../tnef/tnef.ts";
import {
  type Allowance,
  type Carrier,
  findCarriers,
  isCalendarFile,
  isMessageFile,
  MAX_EMBEDDING_LEVEL,
  takeCarrier,
} from "./carriers.ts";
import type { PartFault } from "./mime-parts.ts";

/** Each message around a carrier counts more than all differences between carriers. */
const RANK_PER_LEVEL = 10;
/** Kinds of carriers, the most trusted first: who made the invitation wrote the first of them. */
const RANK = { alternative: 1, withMethod: 2, withoutMethod: 3, fileInTnef: 4, tnefMeeting: 5 } as const;

/** No clock is a day ahead. */
const MAX_DATE_LEAD_SECONDS = 86_400;

export type CarrierFault = CalendarFault | PartFault | "tnef";

/** One VCALENDAR of a carrier. */
export interface RankedCalendar {
  readonly calendar: Component;
  readonly rank: number;
  /** METHOD of the Content-Type. */
  readonly method: string | undefined;
  /** `Date:` of the innermost message around it, or when that was sent as winmail.dat says. */
  readonly messageDate: Instant;
}

export interface CarrierReading {
  readonly calendars: readonly RankedCalendar[];
  readonly faults: readonly FaultyCalendar[];
}

interface FaultyCalendar {
  readonly fault: CarrierFault;
  readonly uid: string | undefined;
}

export interface CarrierContext {
  /** When the whole message was received. */
  readonly received: Instant;
  readonly defaultZone: ZoneId;
  /** Shared by everything in the whole message. */
  readonly allowance: Allowance;
  /** Hears what was wrong with a carrier, in words of ours, whether it could be used all the same or not. */
  readonly remark: (text: string) => void;
}

/** Reads the calendars in a carrier, whatever its kind. Never throws on input. */
export async function readCarrier(carrier: Carrier, context: CarrierContext): Promise<CarrierReading> {
  const { kind, content, embeddingLevel: level, mail } = carrier;
  const messageDate = plausibleDate(mail.date, context.received);
  if (kind === "icalendar") return readCalendarCarrier(carrier, messageDate);
  const { message, faults } = openTnef(content, context, {
    from: mail.from === "" ? undefined : { address: mail.from },
    subject: mail.subject,
    date: messageDate,
    textBody: await mail.textBody(),
  });
  return merge([{ calendars: [], faults }, await readTnefMessage(message, { level, messageDate }, context)]);
}

/** A missing or impossible Date is the time of reception. */
function plausibleDate(date: Instant | undefined, received: Instant): Instant {
  return date === undefined || date > received + MAX_DATE_LEAD_SECONDS ? received : date;
}

function merge(readings: readonly CarrierReading[]): CarrierReading {
  return {
    calendars: readings.flatMap(({ calendars }) => calendars),
    faults: readings.flatMap(({ faults }) => faults),
  };
}

function onlyFault(fault: CarrierFault): CarrierReading {
  return { calendars: [], faults: [{ fault, uid: undefined }] };
}

function readCalendarCarrier(
  { part, content, embeddingLevel }: Carrier,
  messageDate: Instant,
): CarrierReading {
  const { calendars, faults } = readCalendarText(content, part.charset);
  const { method } = part;
  const ranked = calendars.map((calendar) => {
    const hasMethod = method !== undefined || findProperty(calendar, "METHOD") !== undefined;
    const rank = !hasMethod ? RANK.withoutMethod : part.isInAlternative ? RANK.alternative : RANK.withMethod;
    return { calendar, method, messageDate, rank: rank + RANK_PER_LEVEL * embeddingLevel };
  });
  return { calendars: ranked, faults };
}

interface OpenedTnef {
  readonly message: TnefMessage;
  readonly faults: readonly FaultyCalendar[];
}

function openTnef(octets: Uint8Array, { defaultZone, remark }: CarrierContext, outer: OuterMail): OpenedTnef {
  const zone = findZone(defaultZone, {});
  const { value, problems } = readTnef(octets, { ...outer, defaultClock: (instant) => zone.toWall(instant) });
  for (const { message } of problems) remark(`winmail.dat: ${message}`);
  const faults = new Set(problems.flatMap(({ code }) => FAULT_OF_PROBLEM[code] ?? []));
  return { message: value, faults: [...faults].map((fault) => ({ fault, uid: undefined })) };
}

/** Problems that cost an event; of all others something is left that can be used. */
const FAULT_OF_PROBLEM: Readonly<Partial<Record<TnefProblemCode, CarrierFault>>> = {
  "not-tnef": "tnef",
  unreadable: "tnef",
  "too-deep": "too-deep",
};

/** Where a message of a TNEF stream stands in the whole message. */
interface TnefPlace {
  /** How many messages stand around it. */
  readonly level: number;
  readonly messageDate: Instant;
}

/** The meeting of a message, its files, and the same of the messages inside it. */
async function readTnefMessage(
  message: TnefMessage,
  place: TnefPlace,
  context: CarrierContext,
): Promise<CarrierReading> {
  const { level, messageDate } = place;
  const readings: CarrierReading[] = [];
  for (const file of message.attachments) readings.push(await readTnefFile(file, place, context));
  if (message.calendar !== undefined) {
    const rank = RANK.tnefMeeting + RANK_PER_LEVEL * level;
    const meeting = { calendar: message.calendar, method: undefined, rank, messageDate };
    readings.push({ calendars: [meeting], faults: [] });
  }
  for (const embedded of message.embedded) readings.push(await readInside(embedded, place, context));
  return merge(readings);
}

/** A message inside of another: a level deeper, and of its own date. */
async function readInside(
  message: TnefMessage,
  { level, messageDate }: TnefPlace,
  context: CarrierContext,
): Promise<CarrierReading> {
  if (level >= MAX_EMBEDDING_LEVEL) return onlyFault("too-deep");
  const ownDate = plausibleDate(message.sentAt ?? messageDate, context.received);
  return readTnefMessage(message, { level: level + 1, messageDate: ownDate }, context);
}

/** An `.ics`, or a message that somebody attached: as a file `.eml`, or wrapped once more. */
async function readTnefFile(
  { fileName, mediaType, content }: TnefAttachment,
  place: TnefPlace,
  context: CarrierContext,
): Promise<CarrierReading> {
  const { level, messageDate } = place;
  const { allowance } = context;
  if (isCalendarFile(fileName, mediaType, content)) {
    if (!takeCarrier(allowance)) return onlyFault("too-many");
    const { calendars, faults } = readCalendarText(content);
    const rank = RANK.fileInTnef + RANK_PER_LEVEL * level;
    const ranked = calendars.map((calendar) => ({ calendar, method: undefined, rank, messageDate }));
    return { calendars: ranked, faults };
  }
  if (isTnef(content)) {
    if (!takeCarrier(allowance)) return onlyFault("too-many");
    const { message, faults } = openTnef(content, context, { date: messageDate });
    return merge([{ calendars: [], faults }, await readInside(message, place, context)]);
  }
  if (isMessageFile(fileName, mediaType)) {
    if (level >= MAX_EMBEDDING_LEVEL) return onlyFault("too-deep");
    const { carriers, faults } = await findCarriers(content, { level: level + 1, allowance });
    const readings = faults.map(onlyFault);
    for (const carrier of carriers) readings.push(await readCarrier(carrier, context));
    return merge(readings);
  }
  return merge([]);
}
