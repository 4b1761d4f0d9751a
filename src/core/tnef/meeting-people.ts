import type { Property } from "../icalendar/icalendar.ts";
import { ATTRIBUTE } from "./attribute-stream.ts";
import { cleanLine, decodeCodePage } from "./code-page.ts";
import { property } from "./ical-values.ts";
import type { MessageParts } from "./message-parts.ts";
import { OctetCursor } from "./octet-cursor.ts";
import { lineOf, numberOf, type PropertyList } from "./property-list.ts";
import type { PropertyName } from "./property-names.ts";

/** Somebody with an address: `ann@example.org`. */
export interface Person {
  readonly address: string;
  readonly name?: string | undefined;
}

/** What Exchange writes for somebody known by name only: a calendar address that is none. */
const NO_ADDRESS = "invalid:nomail";

const ADDRESS = /^[^\s<>"@]+@[^\s<>"@]+$/;
const MAX_ADDRESS_LENGTH = 320; // 64 + 1 + 255 (RFC 5321 §4.5.3.1)
const MAX_NAMES = 200;

/** PidTagRecipientFlags ([MS-OXOCAL] 2.2.4.10.1). */
const RECIPIENT_FLAGS = { organizer: 0x2, deleted: 0x20 } as const;

/** PidTagRecipientType: how somebody is invited ([MS-OXOCAL] 2.2.4.10.7). */
const ATTENDEE_PARAMETERS: ReadonlyMap<number, Readonly<Record<string, string>>> = new Map([
  [1, { ROLE: "REQ-PARTICIPANT" }],
  [2, { ROLE: "OPT-PARTICIPANT" }],
  [3, { ROLE: "NON-PARTICIPANT", CUTYPE: "RESOURCE" }],
]);

/** Who called the meeting: the sender it is sent for, as far as the message knows his address. */
export function organizerOf(parts: MessageParts): Person | undefined {
  const { properties } = parts;
  const name = lineOf(properties, "sentRepresentingName");
  const address = validAddress(lineOf(properties, "sentRepresentingSmtpAddress")) ?? smtpAddress(properties);
  return address === undefined ? ownerOf(parts) : { address, name };
}

export function organizerProperty({ address, name }: Person): Property {
  return property("ORGANIZER", `mailto:${address}`, { CN: name });
}

/** Everybody invited, except the organizer; names alone where the sender left the addresses out. */
export function attendeeProperties(parts: MessageParts): Property[] {
  const attendees = parts.recipients.flatMap((row) => attendeeOfRow(row) ?? []);
  if (attendees.length > 0) return attendees;
  const names = (lineOf(parts.properties, "allAttendees") ?? "").split(";", MAX_NAMES);
  return names.flatMap((name) => attendeeOfName(name.trim()) ?? []);
}

/** PidTagSentRepresentingEmailAddress is an address only if its type says so; often it is a directory name. */
function smtpAddress(properties: PropertyList): string | undefined {
  return addressOfType(properties, "sentRepresentingAddressType", "sentRepresentingAddress");
}

function addressOfType(
  properties: PropertyList,
  type: PropertyName,
  address: PropertyName,
): string | undefined {
  const isSmtp = lineOf(properties, type)?.toUpperCase() === "SMTP";
  return isSmtp ? validAddress(lineOf(properties, address)) : undefined;
}

/** attOwner: lengths and texts of a name and of `SMTP:address` ([MS-OXTNEF] 2.1.3.3.13). */
function ownerOf({ attributes, properties }: MessageParts): Person | undefined {
  const data = attributes.get(ATTRIBUTE.owner);
  if (data === undefined) return undefined;
  const cursor = new OctetCursor(data);
  const texts = [cursor.take(cursor.uint16()), cursor.take(cursor.uint16())];
  const [name = "", typed = ""] = texts.map((octets) =>
    cleanLine(decodeCodePage(octets, properties.codePage)),
  );
  const address = /^smtp:/i.test(typed) ? validAddress(typed.slice("smtp:".length)) : undefined;
  return address === undefined ? undefined : { address, name: name || undefined };
}

function attendeeOfRow(row: PropertyList): Property | undefined {
  const flags = numberOf(row, "recipientFlags") ?? 0;
  if ((flags & (RECIPIENT_FLAGS.organizer | RECIPIENT_FLAGS.deleted)) !== 0) return undefined;
  const address =
    validAddress(lineOf(row, "smtpAddress")) ?? addressOfType(row, "addressType", "emailAddress");
  const name = lineOf(row, "displayName");
  if (address === undefined && name === undefined) return undefined;
  const parameters = ATTENDEE_PARAMETERS.get(numberOf(row, "recipientType") ?? 1);
  return attendee(address, { ...parameters, CN: name });
}

/** `Bob Example`, or `Bob Example (bob@example.org)` where Outlook knew no more of Bob than that. */
function attendeeOfName(text: string): Property | undefined {
  if (text === "") return undefined;
  if (ADDRESS.test(text)) return attendee(validAddress(text), {});
  const open = text.endsWith(")") ? text.lastIndexOf("(") : -1;
  const address = open < 0 ? undefined : validAddress(text.slice(open + 1, -1));
  return attendee(address, { CN: address === undefined ? text : text.slice(0, open).trim() });
}

function attendee(
  address: string | undefined,
  parameters: Readonly<Record<string, string | undefined>>,
): Property {
  return property("ATTENDEE", address === undefined ? NO_ADDRESS : `mailto:${address}`, parameters);
}

function validAddress(text: string | undefined): string | undefined {
  const possible = text !== undefined && text.length <= MAX_ADDRESS_LENGTH && ADDRESS.test(text);
  return possible ? text : undefined;
}
