import type { Instant } from "../icalendar/icalendar.ts";
import { isTnef } from "../tnef/tnef.ts";
import { fromAddress } from "./from-address.ts";
import { type MessagePart, type MessageParts, type PartFault, splitMessage } from "./mime-parts.ts";

/** A place in a message that holds calendar data. */
export interface Carrier {
  readonly kind: "icalendar" | "tnef";
  readonly part: MessagePart;
  readonly content: Uint8Array;
  /** How many messages stand around the one that contains it. */
  readonly embeddingLevel: number;
  /** The message that contains it. */
  readonly mail: MailAround;
}

/** What the message around a carrier says. */
export interface MailAround {
  readonly from: string;
  readonly subject: string | undefined;
  /** `Date:`, if it is usable. */
  readonly date: Instant | undefined;
  /** Its plain text, for carriers that have none of their own. */
  textBody(): Promise<string | undefined>;
}

export interface FoundCarriers {
  readonly carriers: readonly Carrier[];
  readonly faults: readonly PartFault[];
  /** A field of the outermost message. */
  header: MessageParts["header"];
  text: MessageParts["text"];
  readonly deliveredTo: readonly string[];
  readonly results: string | undefined;
}

const MAX_CARRIERS = 20;
/** How many messages may stand around another. */
export const MAX_EMBEDDING_LEVEL = 3;
/** A description is cut at a fraction of this. */
const MAX_TEXT_BODY_OCTETS = 65_536;

const CALENDAR_TYPE =
  /^(text\/calendar|application\/ics|application\/calendar|text\/x-vcalendar|text\/vcalendar|application\/x-ical)$/;
const CALENDAR_NAME = /\.(ics|ical|ifb|vcs|icalendar)$/i;
const TNEF_TYPE = /^application\/(vnd\.)?ms-tnef$/;
const TNEF_NAME = /^(winmail|win)\.dat$/i;
const MESSAGE_TYPE = /^message\/(rfc822|global)$/;
const MESSAGE_NAME = /\.eml$/i;

/** What a whole message may still bring, wherever in it. */
export interface Allowance {
  carriersLeft: number;
}

export function fullAllowance(): Allowance {
  return { carriersLeft: MAX_CARRIERS };
}

/** Whether one carrier more may be read; counts it. */
export function takeCarrier(allowance: Allowance): boolean {
  if (allowance.carriersLeft === 0) return false;
  allowance.carriersLeft--;
  return true;
}

/** Where the octets of a message come from. */
export interface MessagePlace {
  /** How many messages stand around it. */
  readonly level: number;
  readonly allowance: Allowance;
}

/**
 * Walks through a message, and through the messages forwarded in it, to everything that may be calendar
 * data. Content decides together with type or name: text that only looks like iCalendar, in a body or
 * in a file of another type, never acts.
 */
export async function findCarriers(octets: Uint8Array, place: MessagePlace): Promise<FoundCarriers> {
  const carriers: Carrier[] = [];
  const faults: PartFault[] = [];

  async function walk(message: Uint8Array, level: number): Promise<MessageParts> {
    const split = await splitMessage(message);
    const { parts } = split;
    faults.push(...split.faults);
    const mail = mailAround(split);
    for (const part of parts) {
      if (MESSAGE_TYPE.test(part.mediaType)) {
        if (level >= MAX_EMBEDDING_LEVEL) faults.push("too-deep");
        else await walk(await part.decode(), level + 1);
        continue;
      }
      if (!mayCarry(part)) continue;
      const content = await part.decode();
      const kind = kindOf(part, content);
      if (kind === undefined) continue;
      if (!takeCarrier(place.allowance)) faults.push("too-many");
      else carriers.push({ kind, part, content, embeddingLevel: level, mail });
    }
    return split;
  }

  const { header, text, deliveredTo, results } = await walk(octets, place.level);
  return { carriers, faults, header, text, deliveredTo, results };
}

function mailAround({ header, text: decoded, parts }: MessageParts): MailAround {
  const text = parts.find(({ mediaType, fileName }) => mediaType === "text/plain" && fileName === undefined);
  return {
    from: fromAddress(header("from")),
    subject: decoded("subject"),
    date: instantOf(header("date")),
    async textBody() {
      return text === undefined ? undefined : decodeText(await text.decode(), text.charset);
    },
  };
}

function decodeText(octets: Uint8Array, charset: string | undefined): string {
  const start = octets.subarray(0, MAX_TEXT_BODY_OCTETS);
  try {
    return new TextDecoder(charset ?? "utf-8").decode(start);
  } catch {
    return new TextDecoder("windows-1252").decode(start); // no such charset
  }
}

function mayCarry({ mediaType, fileName }: MessagePart): boolean {
  if (CALENDAR_TYPE.test(mediaType) || TNEF_TYPE.test(mediaType)) return true;
  if (fileName === undefined) return mediaType === "application/octet-stream";
  return CALENDAR_NAME.test(fileName) || TNEF_NAME.test(fileName) || mediaType === "application/octet-stream";
}

function kindOf({ mediaType, fileName = "" }: MessagePart, content: Uint8Array): Carrier["kind"] | undefined {
  if (TNEF_TYPE.test(mediaType) || TNEF_NAME.test(fileName) || isTnef(content)) return "tnef";
  const isNamedOtherwise = fileName !== "" && !CALENDAR_NAME.test(fileName);
  if (mediaType === "application/octet-stream" && isNamedOtherwise) return undefined;
  return startsLikeCalendar(content) ? "icalendar" : undefined;
}

/** Whether octets found in another container are calendar data, by name or type as well as content. */
export function isCalendarFile(fileName: string, mediaType: string, content: Uint8Array): boolean {
  return (CALENDAR_NAME.test(fileName) || CALENDAR_TYPE.test(mediaType)) && startsLikeCalendar(content);
}

/** Whether a file in another container is a message. */
export function isMessageFile(fileName: string, mediaType: string): boolean {
  return MESSAGE_NAME.test(fileName) || MESSAGE_TYPE.test(mediaType);
}

/** `BEGIN:VCALENDAR` after an optional byte order mark and white space; in UTF-16 with zeros between. */
function startsLikeCalendar(content: Uint8Array): boolean {
  const start = new TextDecoder("latin1").decode(content.subarray(0, 256)).replaceAll("\0", "");
  return /^(\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?\s*BEGIN:VCALENDAR/i.test(start);
}

/** A date of RFC 5322 §3.3, obsolete forms included. */
export function instantOf(field: string | undefined): Instant | undefined {
  const milliseconds = Date.parse(field?.replace(/\([^()]*\)/g, "") ?? "");
  return Number.isFinite(milliseconds) ? Math.floor(milliseconds / 1000) : undefined;
}
