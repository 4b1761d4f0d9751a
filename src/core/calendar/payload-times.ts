import {
  type CalendarTime,
  type Component,
  findIanaName,
  findValue,
  type Property,
  parseTime,
  resolveZone,
  type WallClock,
  type ZoneDefinition,
  type ZoneId,
} from "../icalendar/icalendar.ts";

/**
 * The clocks of one VCALENDAR: what its TZIDs mean is decided here, once, because the same TZID means
 * different things in different mails.
 */
export class PayloadTimes {
  readonly #definitions = new Map<string, Component>();
  readonly #resolved = new Map<string, ZoneId>();
  readonly #custom: Record<ZoneId, ZoneDefinition> = {};
  readonly #floatingZone: ZoneId;
  readonly defaultZone: ZoneId;

  /** @param defaultZone for floating times, and for TZIDs that nothing defines */
  constructor(calendar: Component, defaultZone: ZoneId) {
    for (const zone of calendar.components) {
      const id = findValue(zone, "TZID")?.trim();
      if (zone.name === "VTIMEZONE" && id !== undefined && !this.#definitions.has(id))
        this.#definitions.set(id, zone);
    }
    this.defaultZone = defaultZone;
    this.#floatingZone = findIanaName(findValue(calendar, "X-WR-TIMEZONE")?.trim() ?? "") ?? defaultZone;
  }

  /** Definitions of the zones used so far that are in no database. */
  get customZones(): Readonly<Record<ZoneId, ZoneDefinition>> {
    return this.#custom;
  }

  /** The first value of DTSTART and its kin, or nothing when there is no such day or hour. */
  read(property: Property): CalendarTime | undefined {
    return this.#readValue(property.values[0] ?? "", property);
  }

  /** Every value of an EXDATE or RDATE that can be read; a PERIOD counts with its start (RFC 5545 §3.3.9). */
  readAll(property: Property): CalendarTime[] {
    return property.values.flatMap((value) => this.#readValue(value.split("/")[0] ?? "", property) ?? []);
  }

  #readValue(value: string, property: Property): CalendarTime | undefined {
    const written = parseTime(value);
    if (written === undefined || written.kind === "date") return written;
    const tzid = property.parameters.get("TZID")?.trim();
    let zone = this.#floatingZone;
    if (written.utc) zone = "UTC";
    else if (tzid !== undefined && tzid !== "") zone = this.#zoneOf(tzid, written.wall);
    return { kind: "date-time", wall: written.wall, zone };
  }

  #zoneOf(tzid: string, at: WallClock): ZoneId {
    const known = this.#resolved.get(tzid);
    if (known !== undefined) return known;
    const definition = this.#definitions.get(tzid);
    const { zone, definition: custom } = resolveZone(tzid, { definition, at, defaultZone: this.defaultZone });
    if (custom !== undefined) this.#custom[zone] = custom;
    this.#resolved.set(tzid, zone);
    return zone;
  }
}
