/** A point in time: seconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/**
 * What a clock on some wall shows, written as the instant at which a clock in UTC shows the same:
 * 1970-01-01T10:00 is 36000 in every zone. Arithmetic on it is arithmetic on local time.
 */
export type WallClock = number;

/** `UTC`, an IANA name in its canonical spelling, or `Custom-` and 12 hex digits. */
export type ZoneId = string;

/** A whole day: days since 1970-01-01. */
export interface CalendarDate {
  readonly kind: "date";
  readonly day: number;
}

/** A wall-clock time in a zone. Times in UTC have the zone `UTC`; floating times do not exist here. */
export interface CalendarDateTime {
  readonly kind: "date-time";
  readonly wall: WallClock;
  readonly zone: ZoneId;
}

/** The value of DTSTART and its kin, its zone resolved (RFC 5545 §3.3.4, §3.3.5). */
export type CalendarTime = CalendarDate | CalendarDateTime;

export const SECONDS_PER_DAY = 86_400;
