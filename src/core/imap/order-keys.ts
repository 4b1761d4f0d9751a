import {
  decodeHeaderText,
  findField,
  foldText,
  type HeaderField,
  parseAddressList,
  parseMessageDate,
} from "../mime/mime.ts";
import { readBaseSubject } from "./base-subject.ts";
import { readReferences } from "./message-ids.ts";

/**
 * What SORT and THREAD order messages by (RFC 5256 §2.2), ready made: reading it from header fields, for each
 * message of a mailbox, took ten times as long as ordering them. A summary keeps it.
 */
export interface OrderKeys {
  /** The Date field's instant in milliseconds since 1970; null when it has none. */
  readonly sentAt: number | null;
  /** The base subject, folded; empty when there is none. */
  readonly subjectKey: string;
  /** The local part of the first address, folded; a group's name counts as one (RFC 5256 §3). */
  readonly fromKey: string;
  readonly toKey: string;
  readonly ccKey: string;
  /** The message's own id; empty when it has none. */
  readonly idKey: string;
  /** Whether the subject is a reply's, then the ids of what the message answers. */
  readonly answersKey: string;
}

export function readOrderKeys(fields: readonly HeaderField[]): OrderKeys {
  const subject = readBaseSubject(findField(fields, "Subject"));
  const { messageId = "", references } = readReferences(fields);
  return {
    sentAt: parseMessageDate(findField(fields, "Date") ?? "")?.at ?? null,
    subjectKey: subject.text,
    fromKey: firstMailbox(findField(fields, "From")),
    toKey: firstMailbox(findField(fields, "To")),
    ccKey: firstMailbox(findField(fields, "Cc")),
    idKey: messageId,
    answersKey: [subject.isReply ? REPLY : "", ...references].join(" "), // no id has white space in it
  };
}

/** In front of the references of a reply. */
const REPLY = "re";

/** Reads an `answersKey`. */
export function parseAnswersKey(key: string): { readonly isReply: boolean; readonly references: string[] } {
  const isReply = key.startsWith(REPLY);
  const start = (isReply ? REPLY.length : 0) + 1;
  return { isReply, references: key.length < start ? [] : key.slice(start).split(" ") };
}

function firstMailbox(value: string | undefined): string {
  const [first] = parseAddressList(value ?? "", 1);
  if (first === undefined || first.kind === "group-end") return "";
  return foldText(decodeHeaderText(first.kind === "address" ? first.mailbox : first.name));
}
