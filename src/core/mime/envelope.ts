import { type AddressEntry, parseAddressList } from "./address.ts";
import { findFields, findLastField, type HeaderField } from "./header.ts";
import type { OctetString } from "./octet-string.ts";

/** What IMAP calls the envelope of a message: its usual header fields, parsed (RFC 9051 §2.3.5). */
export interface Envelope {
  readonly date: OctetString | undefined;
  readonly subject: OctetString | undefined;
  readonly from: readonly AddressEntry[];
  readonly sender: readonly AddressEntry[];
  readonly replyTo: readonly AddressEntry[];
  readonly to: readonly AddressEntry[];
  readonly cc: readonly AddressEntry[];
  readonly bcc: readonly AddressEntry[];
  readonly inReplyTo: OctetString | undefined;
  readonly messageId: OctetString | undefined;
}

/** Sender and Reply-To are From's where the message has none of its own (RFC 9051 §7.5.2). */
export function readEnvelope(fields: readonly HeaderField[]): Envelope {
  const from = addresses(fields, "From");
  const sender = addresses(fields, "Sender");
  const replyTo = addresses(fields, "Reply-To");
  return {
    // RFC 5322 §3.6 allows these once. Where a sender repeats one, Dovecot shows the last, and so do we.
    date: findLastField(fields, "Date"),
    subject: findLastField(fields, "Subject"),
    from,
    sender: sender.length > 0 ? sender : from,
    replyTo: replyTo.length > 0 ? replyTo : from,
    to: addresses(fields, "To"),
    cc: addresses(fields, "Cc"),
    bcc: addresses(fields, "Bcc"),
    inReplyTo: findLastField(fields, "In-Reply-To"),
    messageId: findLastField(fields, "Message-ID"),
  };
}

/** A field that was sent twice counts as one long list. */
function addresses(fields: readonly HeaderField[], name: string): AddressEntry[] {
  const [value = "", ...others] = findFields(fields, name);
  const entries = parseAddressList(value);
  for (const other of others) entries.push(...parseAddressList(other));
  return entries;
}
