import {
  type CalendarTime,
  type Component,
  findIanaName,
  findProperty,
  findValue,
  findZone,
  type Property,
  parseDuration,
  parseTime,
  resolveZone,
  SECONDS_PER_DAY,
  type WallClock,
  type Zone,
  type ZoneDefinition,
  type ZoneId,
} from "../icalendar/icalendar.ts";

/** A PERIOD; without `end` a DATE or DATE-TIME, whose length the event decides (RFC 5545 §3.3.9). */
export interface WrittenPeriod {
  readonly start: CalendarTime;
  readonly end: CalendarTime | undefined;
}

/**
 * The clocks of one VCALENDAR: what its TZIDs mean is decided here, once, because the same TZID means
 * different things in different mails.
 */
export class PayloadTimes {
  readonly #definitions = new Map<string, Component>();
  readonly #resolved = new Map<string, ZoneId>();
  readonly #custom: Record<ZoneId, ZoneDefinition> = {};
  readonly #calendarZone: ZoneId;
  readonly #defaultZone: ZoneId;
  /** For times of the component at hand that say no zone, or one that nothing defines. */
  #ownZone: ZoneId | undefined;

  /** @param defaultZone for floating times, and for TZIDs that nothing defines */
  constructor(calendar: Component, defaultZone: ZoneId) {
    for (const zone of calendar.components) {
      const id = findValue(zone, "TZID")?.trim();
      if (zone.name === "VTIMEZONE" && id !== undefined && !this.#definitions.has(id))
        this.#definitions.set(id, zone);
    }
    this.#defaultZone = defaultZone;
    this.#calendarZone = findIanaName(findValue(calendar, "X-WR-TIMEZONE")?.trim() ?? "") ?? defaultZone;
  }

  /** Definitions of the zones used so far that are in no database. */
  get customZones(): Readonly<Record<ZoneId, ZoneDefinition>> {
    return this.#custom;
  }

  /**
   * Turns to one VEVENT. QUIRK: senders forget the TZID of some of its times (EXDATE above all), or misspell
   * it; those are in the zone of the others, since RFC 5545 §3.8.2.2 wants DTSTART and DTEND alike.
   */
  enter(event: Component): void {
    this.#ownZone = undefined;
    for (const name of ["DTSTART", "DTEND", "RECURRENCE-ID"]) {
      const property = findProperty(event, name);
      const tzid = property?.parameters.get("TZID")?.trim() ?? "";
      const at = parseTime(property?.values[0] ?? "");
      if (tzid === "" || at?.kind !== "date-time") continue;
      this.#ownZone = this.#findZone(tzid, at.wall);
      if (this.#ownZone !== undefined) return;
    }
  }

  /** The clocks that a time is told by; whole days are those of the user's zone. */
  zoneOf(time: CalendarTime): Zone {
    return findZone(time.kind === "date" ? this.#defaultZone : time.zone, this.#custom);
  }

  /** The first value of DTSTART and its kin, or nothing when there is no such day or hour. */
  read(property: Property): CalendarTime | undefined {
    return this.#readValue(property.values[0] ?? "", property);
  }

  /** Every value of an EXDATE or RDATE that can be read. */
  readAll(property: Property): WrittenPeriod[] {
    return property.values.flatMap((value) => {
      const [from = "", to] = value.split("/");
      const start = this.#readValue(from, property);
      if (start === undefined) return [];
      const isDuration = to !== undefined && /^\s*\+?P/i.test(to);
      const end = isDuration ? this.after(start, to) : to === undefined ? to : this.#readValue(to, property);
      return { start, end };
    });
  }

  /**
   * The end of what takes a DURATION: its days are days of the calendar, its hours are exact (RFC 5545 §3.3.6).
   * @returns nothing when the text is no duration, or a negative one
   */
  after(start: CalendarTime, duration: string): CalendarTime | undefined {
    const seconds = parseDuration(duration);
    if (seconds === undefined || seconds < 0) return undefined;
    if (start.kind === "date") return { kind: "date", day: start.day + Math.ceil(seconds / SECONDS_PER_DAY) };
    if (seconds % SECONDS_PER_DAY === 0) return { ...start, wall: start.wall + seconds };
    const zone = this.zoneOf(start);
    return { ...start, wall: zone.toWall(zone.toInstant(start.wall) + seconds) };
  }

  #readValue(value: string, property: Property): CalendarTime | undefined {
    const written = parseTime(value);
    if (written === undefined || written.kind === "date") return written;
    const { wall, utc } = written;
    if (utc) return { kind: "date-time", wall, zone: "UTC" };
    const tzid = property.parameters.get("TZID")?.trim() ?? "";
    const named = tzid === "" ? this.#ownZone : (this.#findZone(tzid, wall) ?? this.#ownZone);
    const otherwise = tzid === "" ? this.#calendarZone : this.#defaultZone;
    return { kind: "date-time", wall, zone: named ?? otherwise };
  }

  /** @returns nothing when nothing says what zone that is */
  #findZone(tzid: string, at: WallClock): ZoneId | undefined {
    const known = this.#resolved.get(tzid);
    if (known !== undefined) return known;
    const definition = this.#definitions.get(tzid);
    const resolved = resolveZone(tzid, { definition, at, defaultZone: this.#defaultZone });
    if (resolved.source === "default") return undefined;
    if (resolved.definition !== undefined) this.#custom[resolved.zone] = resolved.definition;
    this.#resolved.set(tzid, resolved.zone);
    return resolved.zone;
  }
}
