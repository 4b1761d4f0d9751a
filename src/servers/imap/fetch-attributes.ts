import {
  type FetchAttribute,
  formatDateTime,
  formatString,
  type MessageSummary,
} from "../../core/imap/imap.ts";
import type { MessageFacts, Uid } from "../../storage/maildir/maildir.ts";
import { formatModSeq } from "./news.ts";
import type { Session } from "./session.ts";

/** How far one has to go for some attributes: to what is in memory, to the index, to what was made of the message. */
export type AttributeSource = "memory" | "facts" | "structure";

const IN_MEMORY: readonly FetchAttribute[] = ["UID", "FLAGS", "MODSEQ"];
const IN_FACTS: readonly FetchAttribute[] = [...IN_MEMORY, "INTERNALDATE", "RFC822.SIZE", "SAVEDATE"];

/** `isOpened`: the message is to be opened besides. */
export function sourceOf(attributes: readonly FetchAttribute[], isOpened: boolean): AttributeSource {
  if (!isOpened && attributes.every((name) => IN_MEMORY.includes(name))) return "memory";
  return attributes.every((name) => IN_FACTS.includes(name)) ? "facts" : "structure";
}

/** What is known of a message without opening it; the summary only where it is asked for. */
export interface Known {
  readonly facts: MessageFacts;
  readonly summary: MessageSummary | undefined;
}

/** Attributes with their values, of a message of which all is known that they ask for. */
export function formatItems(
  session: Session,
  { facts, summary }: Known,
  attributes: readonly FetchAttribute[],
): string[] {
  return attributes.map(
    (name) =>
      formatMemory(session, facts.uid, name) ??
      formatFact(session, facts, name) ??
      formatSummary(summary, name),
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
export function formatFact(
  { selected }: Session,
  facts: MessageFacts,
  name: FetchAttribute,
): string | undefined {
  switch (name) {
    case "INTERNALDATE":
      return `INTERNALDATE ${formatDateTime(new Date(facts.internalDate))}`;
    case "RFC822.SIZE":
      return `RFC822.SIZE ${facts.octets}`;
    case "SAVEDATE":
      return `SAVEDATE ${formatDateTime(selected.view.savedAt(facts.uid) ?? new Date(facts.internalDate))}`;
  }
}

function formatSummary(summary: MessageSummary | undefined, name: FetchAttribute): string {
  if (summary === undefined) throw new Error(`The message is not described, and ${name} was asked for`);
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
