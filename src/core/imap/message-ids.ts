import { findField, type HeaderField, type OctetString } from "../mime/mime.ts";

/** Of more references the first and the last are looked at: programs cut them in the middle, too (RFC 5537 §3.4.4). */
const MAX_REFERENCES = 100;

/** The message-ids in a field value, in order, without the angle brackets and needless quotes (RFC 5256 §2.2). */
export function parseMessageIds(value: OctetString | undefined): OctetString[] {
  if (value === undefined) return [];
  const found = value.match(/<[^<>\s]{1,998}>/g) ?? [];
  const kept =
    found.length > MAX_REFERENCES ? [...found.slice(0, 1), ...found.slice(1 - MAX_REFERENCES)] : found;
  return kept.map((bracketed) => {
    const id = bracketed.slice(1, -1);
    return id.startsWith('"') ? id.replace(/^"([\w.!#-]+)"@/, "$1@") : id;
  });
}

/** A message's place among others: its own id and the ids of what it answers, oldest first. */
export interface References {
  readonly messageId: OctetString | undefined;
  readonly references: readonly OctetString[];
}

/** References, or the first id of In-Reply-To where there are none (RFC 5256 §3, REFERENCES step 1). */
export function readReferences(fields: readonly HeaderField[]): References {
  const [messageId] = parseMessageIds(findField(fields, "Message-ID"));
  const references = parseMessageIds(findField(fields, "References"));
  if (references.length > 0) return { messageId, references };
  return { messageId, references: parseMessageIds(findField(fields, "In-Reply-To")).slice(0, 1) };
}
