/**
 * winmail.dat: what Outlook and Exchange wrap a message in that was meant for other Outlooks
 * (Transport Neutral Encapsulation Format, [MS-OXTNEF]). Gives the attachments, the embedded messages
 * and, for a meeting, the VCALENDAR that Exchange would have written ([MS-OXOCAL], [MS-OXCICAL]).
 * Does not decide what becomes of the meeting, knows no time zone but those described in the stream,
 * and does not look into attachments.
 */
import type { Component, Instant, WallClock } from "../icalendar/icalendar.ts";
import { embeddedStream, fileOf, type TnefAttachment } from "./attachment.ts";
import { isTnef } from "./attribute-stream.ts";
import type { OuterMail } from "./event-details.ts";
import { calendarOf } from "./meeting.ts";
import { type MessageParts, readMessageParts } from "./message-parts.ts";
import { collectProblems, type Parsed, type Report, type TnefProblemCode } from "./problem.ts";
import { instantOf } from "./property-list.ts";

export type { TnefAttachment } from "./attachment.ts";
export { isTnef } from "./attribute-stream.ts";
export type { OuterMail } from "./event-details.ts";
export type { Person } from "./meeting-people.ts";
export type { Parsed, Problem, TnefProblemCode } from "./problem.ts";

export interface TnefMessage {
  /** `IPM.Note` and the like; empty when the stream does not say. */
  readonly messageClass: string;
  /** When its sender sent it, if the stream says so. */
  readonly sentAt: Instant | undefined;
  /**
   * A meeting: METHOD (none for an appointment that was merely stored), VTIMEZONEs for the zones the
   * stream describes, and a master with its overrides or one override. Undefined for all else.
   */
  readonly calendar: Component | undefined;
  /** Files in the order of the stream. */
  readonly attachments: readonly TnefAttachment[];
  /** Messages attached to this one, such as a meeting that was forwarded; at most three levels deep. */
  readonly embedded: readonly TnefMessage[];
}

export interface TnefContext extends OuterMail {
  /** What a clock shows in the calendar's own zone, for whole days of a sender who names no zone; UTC if missing. */
  readonly defaultClock?: ((instant: Instant) => WallClock) | undefined;
}

const MAX_EMBEDDED_DEPTH = 3;
// As many parts as a mail may have; each costs an object, and eleven octets are enough to make one.
const MAX_ATTACHMENTS = 200;

/**
 * Reads a TNEF stream. Never throws on input, copies no attachment, and takes time linear in its length.
 * The problem `unreadable` or `not-tnef` means that something that should be there is not; with all
 * other problems the value is what the stream says, apart from what the problem names.
 */
export function readTnef(
  octets: Uint8Array,
  context: TnefContext = {},
): Parsed<TnefMessage, TnefProblemCode> {
  const { problems, report } = collectProblems(octets);
  if (!isTnef(octets)) {
    report("not-tnef", octets, "Cannot read winmail.dat: it has no TNEF signature");
    return { value: EMPTY, problems };
  }
  const reading: Reading = { report, attachmentsLeft: MAX_ATTACHMENTS };
  return { value: readMessage(octets, { reading, context, depth: 0 }), problems };
}

const EMPTY: TnefMessage = {
  messageClass: "",
  sentAt: undefined,
  calendar: undefined,
  attachments: [],
  embedded: [],
};

/** What all messages of one stream share. */
interface Reading {
  readonly report: Report;
  attachmentsLeft: number;
}

interface Level {
  readonly reading: Reading;
  readonly context: TnefContext;
  readonly depth: number;
}

function readMessage(octets: Uint8Array, { reading, context, depth }: Level): TnefMessage {
  const { report } = reading;
  const parts = readMessageParts(octets, report, reading.attachmentsLeft);
  reading.attachmentsLeft -= parts.attachments.length;
  if (isNothing(parts)) report("unreadable", octets, "Cannot read winmail.dat: there is no message in it");
  const sentAt = instantOf(parts.properties, "clientSubmitTime");
  const { defaultClock = (instant: Instant) => instant, ...outer } = context;
  const attachments = parts.attachments.map((attachment) => ({
    attachment,
    stream: embeddedStream(attachment),
  }));
  // The mail around a message does not speak for the messages inside it: who forwards is no organizer.
  const inner: Level = {
    reading,
    context: { date: sentAt ?? context.date, defaultClock },
    depth: depth + 1,
  };
  return {
    messageClass: parts.messageClass,
    sentAt,
    calendar: calendarOf(parts, { outer, defaultClock, report }),
    attachments: attachments.flatMap(({ attachment, stream }) =>
      stream === undefined ? [fileOf(attachment)] : [],
    ),
    embedded: attachments.flatMap(({ stream }) => (stream === undefined ? [] : readEmbedded(stream, inner))),
  };
}

function readEmbedded(stream: Uint8Array, level: Level): TnefMessage[] {
  if (level.depth <= MAX_EMBEDDED_DEPTH) return [readMessage(stream, level)];
  level.reading.report("too-deep", stream, "A message embedded more than three levels deep was not read");
  return [];
}

function isNothing({ messageClass, properties, attachments }: MessageParts): boolean {
  return messageClass === "" && properties.properties.size === 0 && attachments.length === 0;
}
