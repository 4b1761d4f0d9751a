import type { AddressEntry, Envelope, OctetString } from "../mime/mime.ts";
import { formatList, formatNString, formatString } from "./strings.ts";

/** ENVELOPE's value (RFC 9051 §7.5.2, `envelope` in §9). */
export function formatEnvelope(envelope: Envelope): OctetString {
  const from = formatAddresses(envelope.from);
  return formatList([
    formatNString(envelope.date),
    formatNString(envelope.subject),
    from,
    envelope.sender === envelope.from ? from : formatAddresses(envelope.sender),
    envelope.replyTo === envelope.from ? from : formatAddresses(envelope.replyTo),
    formatAddresses(envelope.to),
    formatAddresses(envelope.cc),
    formatAddresses(envelope.bcc),
    formatNString(envelope.inReplyTo),
    formatNString(envelope.messageId),
  ]);
}

function formatAddresses(entries: readonly AddressEntry[]): OctetString {
  let formatted = "";
  for (const entry of entries) formatted += formatEntry(entry);
  return formatted === "" ? "NIL" : `(${formatted})`;
}

/** A missing host marks the ends of a group: its name where the mailbox stands, or nothing (RFC 9051 §7.5.2). */
function formatEntry(entry: AddressEntry): OctetString {
  if (entry.kind === "group-end") return "(NIL NIL NIL NIL)";
  if (entry.kind === "group-start") return `(NIL NIL ${formatNString(entry.name)} NIL)`;
  const { name, route, mailbox, host } = entry;
  return `(${formatNString(name)} ${formatNString(route)} ${formatString(mailbox)} ${formatString(host)})`;
}
