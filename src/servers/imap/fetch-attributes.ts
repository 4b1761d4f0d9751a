import {
  type FetchAttribute,
  formatDateTime,
  formatString,
  type MessageSummary,
} from "../../core/imap/imap.ts";
import type { DescribedMessage, MessageFacts, Uid } from "../../storage/maildir/maildir.ts";
import { formatModSeq } from "./news.ts";
import type { Session } from "./session.ts";

/** How far one has to go for some attributes: to what is in memory, to the index, to what was made of the message. */
export type AttributeSource = "memory" | "facts" | "descriptions";

const IN_MEMORY: readonly FetchAttribute[] = ["UID", "FLAGS", "MODSEQ"];
const IN_FACTS: readonly FetchAttribute[] = [...IN_MEMORY, "INTERNALDATE", "RFC822.SIZE", "SAVEDATE"];

export function sourceOf(attributes: readonly FetchAttribute[]): AttributeSource {
  if (attributes.every((name) => IN_MEMORY.includes(name))) return "memory";
  return attributes.every((name) => IN_FACTS.includes(name)) ? "facts" : "descriptions";
}

/** Attributes with their values, of a message of which all is known. */
export function formatItems(
  session: Session,
  { message, summary }: { readonly message: DescribedMessage; readonly summary: MessageSummary },
  attributes: readonly FetchAttribute[],
): string[] {
  return attributes.map(
    (name) =>
      formatMemory(session, message.uid, name) ?? formatFact(message, name) ?? formatSummary(summary, name),
  );
}

/** An attribute with its value, from memory; undefined for all others. */
export function formatMemory(session: Session, uid: Uid, name: FetchAttribute): string | undefined {
  switch (name) {
    case "UID":
      return `UID ${uid}`;
    case "FLAGS":
      return `FLAGS ${session.selected.formatFlags(uid)}`;
    case "MODSEQ":
      return formatModSeq(session.selected, uid);
  }
}

/** From the index. */
export function formatFact(facts: MessageFacts, name: FetchAttribute): string | undefined {
  switch (name) {
    case "INTERNALDATE":
      return `INTERNALDATE ${formatDateTime(facts.internalDate)}`;
    case "RFC822.SIZE":
      return `RFC822.SIZE ${facts.octets}`;
    case "SAVEDATE":
      return `SAVEDATE ${formatDateTime(facts.savedAt)}`;
  }
}

function formatSummary(summary: MessageSummary, name: FetchAttribute): string {
  switch (name) {
    case "ENVELOPE":
      return `ENVELOPE ${summary.envelope}`;
    case "BODYSTRUCTURE":
      return `BODYSTRUCTURE ${summary.bodyStructure}`;
    case "BODY":
      return `BODY ${summary.body}`;
    case "PREVIEW":
      return `PREVIEW ${formatString(summary.preview)}`;
    case "EMAILID":
      return `EMAILID (${summary.emailId})`;
    case "THREADID":
      return `THREADID ${summary.threadId === undefined ? "NIL" : `(${summary.threadId})`}`;
    default:
      throw new Error(`No one answers ${name}`);
  }
}
