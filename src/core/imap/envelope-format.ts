import type { AddressEntry, Envelope, OctetString } from "../mime/mime.ts";
import { formatList, formatNString } from "./strings.ts";

/** ENVELOPE's value (RFC 9051 §7.5.2, `envelope` in §9). */
export function formatEnvelope(envelope: Envelope): OctetString {
  return formatList([
    formatNString(envelope.date),
    formatNString(envelope.subject),
    formatAddresses(envelope.from),
    formatAddresses(envelope.sender),
    formatAddresses(envelope.replyTo),
    formatAddresses(envelope.to),
    formatAddresses(envelope.cc),
    formatAddresses(envelope.bcc),
    formatNString(envelope.inReplyTo),
    formatNString(envelope.messageId),
  ]);
}

function formatAddresses(entries: readonly AddressEntry[]): OctetString {
  return entries.length === 0 ? "NIL" : `(${entries.map(formatEntry).join("")})`;
}

/** A missing host marks the ends of a group: its name where the mailbox stands, or nothing (RFC 9051 §7.5.2). */
function formatEntry(entry: AddressEntry): OctetString {
  if (entry.kind === "group-end") return "(NIL NIL NIL NIL)";
  if (entry.kind === "group-start") return `(NIL NIL ${formatNString(entry.name)} NIL)`;
  return formatList([entry.name, entry.route, entry.mailbox, entry.host].map(formatNString));
}
