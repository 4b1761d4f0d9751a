import { decodeCalendar, withAsciiOctets } from "./calendar-charset.ts";
import type { Component, Property } from "./component.ts";
import { parseContentLine } from "./content-line.ts";
import { unfoldLines } from "./unfold-lines.ts";

/** A decoded carrier; Apple's server takes 1 MiB, Stalwart 512 KiB. */
export const MAX_CALENDAR_OCTETS = 1_048_576;
/** Physical lines, before unfolding: a carrier of one-character folds costs no more than a large one. */
const MAX_LINES = 100_000;
/** One unfolded line, in characters. Inline attachments, which are dropped anyway, are longer. */
const MAX_LINE_LENGTH = 262_144;
/** VCALENDAR, VEVENT, VALARM, and one more. */
const MAX_DEPTH = 4;
const MAX_PROPERTIES = 2_000;
const MAX_TIME_ZONES = 50;
const MAX_EVENTS = 1_000;

/** Without these a VEVENT means something else, so a fault in one of them is a fault of the component. */
const ESSENTIAL = /^(UID|DTSTART|RECURRENCE-ID|RRULE)(?![A-Z0-9-])/i;

export type CalendarFault =
  /** Not iCalendar 2.0, or an essential property that cannot be read. */
  | "parse"
  /** Over a limit in octets, lines or the length of an essential line. */
  | "too-large"
  /** More components than one carrier may have. */
  | "too-many";

/** What calendar octets contain, and what was wrong with them. */
export interface CalendarText {
  readonly calendars: readonly Component[];
  /** Components that cannot be used at all, each with the reason; VEVENTs name their UID when it was readable. */
  readonly faults: readonly { readonly fault: CalendarFault; readonly uid: string | undefined }[];
}

/**
 * Reads every VCALENDAR in the octets of one carrier (RFC 5545 §3.4), repairing what real senders get
 * wrong: bare line ends, lost folds, blank lines, missing ENDs, wrong charset labels. Never throws.
 *
 * @param octets after removal of the transfer encoding
 * @param declaredCharset the `charset` parameter of the carrier's Content-Type
 */
export function readCalendarText(octets: Uint8Array, declaredCharset?: string): CalendarText {
  if (octets.length > MAX_CALENDAR_OCTETS) return faulty("too-large");
  const { octets: unfolded, lineCount } = unfoldLines(withAsciiOctets(octets, declaredCharset));
  if (lineCount > MAX_LINES) return faulty("too-large");
  const text = decodeCalendar(unfolded, declaredCharset).replace(/[\0-\x08\x0b-\x1f\x7f]/g, "");
  const reader = new ComponentReader();
  for (const line of joinLostFolds(text.split("\n"))) reader.take(line);
  return reader.finish();
}

function faulty(fault: CalendarFault): CalendarText {
  return { calendars: [], faults: [{ fault, uid: undefined }] };
}

/**
 * Drops blank lines. A line without `:` or `;` can only be the rest of the one before it, whose fold some
 * gateway removed.
 */
function* joinLostFolds(lines: readonly string[]): Generator<string> {
  let pending: string | undefined;
  for (const line of lines) {
    if (line.trim() === "") continue;
    if (/[:;]/.test(line) || pending === undefined) {
      if (pending !== undefined) yield pending;
      pending = line;
    } else if (pending.length <= MAX_LINE_LENGTH) {
      pending += ` ${line.trim()}`;
    }
  }
  if (pending !== undefined) yield pending;
}

interface OpenComponent {
  readonly name: string;
  readonly properties: Property[];
  readonly components: Component[];
  fault: CalendarFault | undefined;
}

/** Builds the tree line by line. Missing ENDs are supplied, stray ones ignored, what is too deep is skipped. */
class ComponentReader {
  readonly #calendars: Component[] = [];
  readonly #faults: { fault: CalendarFault; uid: string | undefined }[] = [];
  readonly #open: OpenComponent[] = [];
  #skippedDepth = 0;
  #zones = 0;
  #events = 0;

  take(line: string): void {
    const border = /^(BEGIN|END)\s*:\s*([A-Za-z0-9-]+)\s*$/i.exec(line);
    if (border === null) {
      this.#property(line);
      return;
    }
    const name = (border[2] ?? "").toUpperCase();
    if (border[1]?.toUpperCase() === "BEGIN") this.#begin(name);
    else this.#end(name);
  }

  finish(): CalendarText {
    while (this.#open.length > 0) this.#close();
    if (this.#calendars.length === 0 && this.#faults.length === 0) return faulty("parse");
    return { calendars: this.#calendars, faults: this.#faults };
  }

  #begin(name: string): void {
    if (name === "VCALENDAR") {
      while (this.#open.length > 0) this.#close();
      this.#skippedDepth = 0;
    } else if (this.#open.length === 0) {
      return; // a component outside of any VCALENDAR
    }
    if (this.#skippedDepth > 0 || this.#open.length >= MAX_DEPTH) {
      this.#skippedDepth++;
      return;
    }
    this.#open.push({ name, properties: [], components: [], fault: undefined });
  }

  #end(name: string): void {
    if (this.#skippedDepth > 0) {
      this.#skippedDepth--;
      return;
    }
    if (!this.#open.some((component) => component.name === name)) return;
    while (this.#open.length > 0 && this.#close() !== name) {
      // An END that names an outer component closes the inner ones too.
    }
  }

  #close(): string | undefined {
    const closed = this.#open.pop();
    if (closed === undefined) return undefined;
    const { name, properties, components } = closed;
    const fault = closed.fault ?? this.#faultOf(closed);
    if (fault !== undefined) {
      if (name === "VEVENT" || name === "VCALENDAR") {
        this.#faults.push({ fault, uid: properties.find((property) => property.name === "UID")?.values[0] });
      }
    } else {
      const parent = this.#open.at(-1);
      (name === "VCALENDAR" ? this.#calendars : parent?.components)?.push({ name, properties, components });
    }
    return name;
  }

  #faultOf({ name, properties, components }: OpenComponent): CalendarFault | undefined {
    if (name === "VEVENT" && ++this.#events > MAX_EVENTS) return "too-many";
    if (name === "VTIMEZONE" && ++this.#zones > MAX_TIME_ZONES) return "too-many";
    if (name !== "VCALENDAR") return undefined;
    const version = properties.find((property) => property.name === "VERSION")?.values[0]?.trim();
    const isGarbage = version === undefined && components.length === 0;
    return version === "1.0" || isGarbage ? "parse" : undefined;
  }

  #property(line: string): void {
    const component = this.#open.at(-1);
    if (component === undefined || this.#skippedDepth > 0) return;
    if (line.length > MAX_LINE_LENGTH) {
      if (ESSENTIAL.test(line)) component.fault = "too-large";
      return;
    }
    // Content of inline attachments is dropped before anything reads it.
    if (/^ATTACH\b[^:]*\b(BASE64|BINARY)\b/i.test(line)) return;
    // QUIRK: some close the quotes of a TZID after the value, and so have no colon outside of them.
    const property =
      parseContentLine(line.trimStart()) ?? parseContentLine(line.trimStart().replaceAll('"', ""));
    if (property === undefined) {
      if (ESSENTIAL.test(line)) component.fault = "parse";
    } else if (component.properties.length < MAX_PROPERTIES) {
      component.properties.push(property);
    }
  }
}
