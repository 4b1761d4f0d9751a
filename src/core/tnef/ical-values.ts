import { formatWall, type Instant, type Property } from "../icalendar/icalendar.ts";

/** A property with one value. Parameters that are missing or empty are left out. */
export function property(
  name: string,
  value: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
): Property {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return { name, parameters: new Map(given), values: [value] };
}

/** `20260305T090000Z` (RFC 5545 §3.3.5, form 2). */
export function formatInstant(instant: Instant): string {
  return `${formatWall(instant)}Z`;
}
