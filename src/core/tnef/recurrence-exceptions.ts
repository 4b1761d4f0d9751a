import type { WallClock } from "../icalendar/icalendar.ts";
import { cleanText, decodeCodePage, decodeUtf16 } from "./code-page.ts";
import { wallClockOfMinutes } from "./file-time.ts";
import type { OctetCursor } from "./octet-cursor.ts";

/** An occurrence that differs from the rest; what is undefined is as in the rest ([MS-OXOCAL] 2.2.1.44.2). */
export interface RecurrenceException {
  readonly start: WallClock;
  readonly end: WallClock;
  readonly originalStart: WallClock;
  readonly summary: string | undefined;
  readonly location: string | undefined;
  readonly busyStatus: number | undefined;
  readonly allDay: boolean | undefined;
}

const MAX_EXCEPTIONS = 1000;
const VERSION_WITH_HIGHLIGHT = 0x3009;

/** Flags of an exception ([MS-OXOCAL] 2.2.1.44.2), each saying that a field follows. */
const CHANGED = {
  subject: 0x0001,
  meetingType: 0x0002,
  reminderDelta: 0x0004,
  reminder: 0x0008,
  location: 0x0010,
  busyStatus: 0x0020,
  attachment: 0x0040,
  subType: 0x0080,
  colour: 0x0100,
} as const;

/** What is said outside of the exceptions and decides how they are read. */
export interface ExceptionContext {
  /** WriterVersion2. */
  readonly version: number;
  /** Of their 8-bit texts. */
  readonly codePage: number;
}

interface ExceptionInfo {
  readonly flags: number;
  /** Undefined when its times are none. */
  readonly exception: RecurrenceException | undefined;
}

/** Reads the exceptions, as many as are whole; the cursor stands at their count. */
export function readExceptions(cursor: OctetCursor, context: ExceptionContext): RecurrenceException[] {
  if (cursor.remaining === 0) return [];
  const count = cursor.uint16();
  const infos: ExceptionInfo[] = [];
  while (infos.length < Math.min(count, MAX_EXCEPTIONS)) {
    const info = readExceptionInfo(cursor, context.codePage);
    if (cursor.overrun) break;
    infos.push(info);
  }
  const wideTexts = count > infos.length ? [] : readExtendedExceptions(cursor, infos, context);
  return infos.flatMap(({ exception }, index) =>
    exception === undefined ? [] : [{ ...exception, ...wideTexts[index] }],
  );
}

/** One ExceptionInfo: times, flags, and a field for each flag ([MS-OXOCAL] 2.2.1.44.2). */
function readExceptionInfo(cursor: OctetCursor, codePage: number): ExceptionInfo {
  const start = wallClockOfMinutes(cursor.uint32());
  const end = wallClockOfMinutes(cursor.uint32());
  const originalStart = wallClockOfMinutes(cursor.uint32());
  const flags = cursor.uint16();
  const summary = flags & CHANGED.subject ? readText8(cursor, codePage) : undefined;
  if (flags & CHANGED.meetingType) cursor.skip(4);
  if (flags & CHANGED.reminderDelta) cursor.skip(4);
  if (flags & CHANGED.reminder) cursor.skip(4);
  const location = flags & CHANGED.location ? readText8(cursor, codePage) : undefined;
  const busyStatus = flags & CHANGED.busyStatus ? cursor.uint32() : undefined;
  if (flags & CHANGED.attachment) cursor.skip(4);
  const allDay = flags & CHANGED.subType ? cursor.uint32() !== 0 : undefined;
  if (flags & CHANGED.colour) cursor.skip(4);
  if (start === undefined || end === undefined || originalStart === undefined) {
    return { flags, exception: undefined };
  }
  return { flags, exception: { start, end, originalStart, summary, location, busyStatus, allDay } };
}

function readText8(cursor: OctetCursor, codePage: number): string {
  cursor.skip(2); // the length with a NUL that is not there
  return cleanText(decodeCodePage(cursor.take(cursor.uint16()), codePage));
}

interface WideTexts {
  readonly summary?: string;
  readonly location?: string;
}

/** The ExtendedExceptions, in the order of the exceptions: their texts once more, in UTF-16. */
function readExtendedExceptions(
  cursor: OctetCursor,
  infos: readonly ExceptionInfo[],
  { version }: ExceptionContext,
): WideTexts[] {
  const texts: WideTexts[] = [];
  skipBlock(cursor);
  for (const { flags } of infos) {
    if (version >= VERSION_WITH_HIGHLIGHT) skipBlock(cursor);
    skipBlock(cursor);
    const text = flags & (CHANGED.subject | CHANGED.location) ? readWideTexts(cursor, flags) : {};
    if (cursor.overrun) break;
    texts.push(text);
  }
  return texts;
}

function readWideTexts(cursor: OctetCursor, flags: number): WideTexts {
  cursor.skip(12); // the three times again
  const summary = flags & CHANGED.subject ? { summary: readText16(cursor) } : {};
  const location = flags & CHANGED.location ? { location: readText16(cursor) } : {};
  skipBlock(cursor);
  return { ...summary, ...location };
}

function readText16(cursor: OctetCursor): string {
  return cleanText(decodeUtf16(cursor.take(cursor.uint16() * 2)));
}

function skipBlock(cursor: OctetCursor): void {
  cursor.skip(cursor.uint32());
}
