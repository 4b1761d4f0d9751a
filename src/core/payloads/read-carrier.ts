import {
  type CalendarFault,
  type Component,
  findProperty,
  findZone,
  type Instant,
  readCalendarText,
  type ZoneId,
} from "../icalendar/icalendar.ts";
import { readTnef, type TnefMessage } from "../tnef/tnef.ts";
import { type Carrier, isCalendarFile } from "./carriers.ts";

/** Each message around a carrier counts more than all differences between carriers. */
const RANK_PER_LEVEL = 10;
/** Kinds of carriers, the most trusted first: who made the invitation wrote the first of them. */
const RANK = { alternative: 1, withMethod: 2, withoutMethod: 3, fileInTnef: 4, tnefMeeting: 5 } as const;

export type CarrierFault = CalendarFault | "tnef";

/** One VCALENDAR of a carrier. */
export interface RankedCalendar {
  readonly calendar: Component;
  readonly rank: number;
  /** METHOD of the Content-Type. */
  readonly method: string | undefined;
}

export interface CarrierReading {
  readonly calendars: readonly RankedCalendar[];
  readonly faults: readonly { readonly fault: CarrierFault; readonly uid: string | undefined }[];
}

export interface CarrierContext {
  readonly messageDate: Instant;
  readonly defaultZone: ZoneId;
}

/** Reads the calendars in a carrier, whatever its kind. Never throws on input. */
export async function readCarrier(carrier: Carrier, context: CarrierContext): Promise<CarrierReading> {
  return carrier.kind === "tnef" ? readTnefCarrier(carrier, context) : readCalendarCarrier(carrier);
}

function readCalendarCarrier({ part, content, embeddingLevel }: Carrier): CarrierReading {
  const { calendars, faults } = readCalendarText(content, part.charset);
  const { method } = part;
  const ranked = calendars.map((calendar) => {
    const hasMethod = method !== undefined || findProperty(calendar, "METHOD") !== undefined;
    const rank = !hasMethod ? RANK.withoutMethod : part.isInAlternative ? RANK.alternative : RANK.withMethod;
    return { calendar, method, rank: rank + RANK_PER_LEVEL * embeddingLevel };
  });
  return { calendars: ranked, faults };
}

async function readTnefCarrier(carrier: Carrier, context: CarrierContext): Promise<CarrierReading> {
  const { content, mail, embeddingLevel } = carrier;
  const zone = findZone(context.defaultZone, {});
  const { value, problems } = readTnef(content, {
    from: mail.from === "" ? undefined : { address: mail.from },
    subject: mail.subject,
    date: context.messageDate,
    textBody: await mail.textBody(),
    defaultClock: (instant) => zone.toWall(instant),
  });
  const found = calendarsInTnef(value, embeddingLevel);
  const isUnreadable = problems.some(({ code }) => code === "not-tnef" || code === "unreadable");
  const faults = isUnreadable ? [{ fault: "tnef" as const, uid: undefined }] : [];
  return { calendars: found.calendars, faults: [...faults, ...found.faults] };
}

/** The meeting of a TNEF message, the `.ics` files in it, and the same of the messages inside it. */
function calendarsInTnef(message: TnefMessage, level: number): CarrierReading {
  const extra = RANK_PER_LEVEL * level;
  const calendars: RankedCalendar[] = [];
  const faults: CarrierReading["faults"][number][] = [];
  for (const { fileName, mediaType, content } of message.attachments) {
    if (!isCalendarFile(fileName, mediaType, content)) continue;
    const text = readCalendarText(content);
    faults.push(...text.faults);
    for (const calendar of text.calendars) {
      calendars.push({ calendar, method: undefined, rank: RANK.fileInTnef + extra });
    }
  }
  if (message.calendar !== undefined) {
    calendars.push({ calendar: message.calendar, method: undefined, rank: RANK.tnefMeeting + extra });
  }
  for (const embedded of message.embedded) {
    const inside = calendarsInTnef(embedded, level + 1);
    calendars.push(...inside.calendars);
    faults.push(...inside.faults);
  }
  return { calendars, faults };
}
