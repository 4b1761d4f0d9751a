import type { AgendaDb } from "../storage/agenda-db/agenda-db.ts";
import type { Agenda } from "./agenda.ts";
import { PUBLISHED_MAILBOX } from "./workplace.ts";

export interface VerifyOptions {
  /** The base names of the messages in the mailbox. */
  readonly listed: ReadonlySet<string>;
  readonly db: AgendaDb;
  readonly agenda: Agenda;
  /** What is in calendar.ics, if there is one. */
  readonly published: Uint8Array | undefined;
}

/** Compares mailbox, agenda.db and calendar.ics. @returns every difference, in a sentence each */
export function verify({ listed, db, agenda, published }: VerifyOptions): string[] {
  const known = db.messageKeys();
  const unread = [...listed].filter((key) => !known.has(key));
  const gone = [...known].filter((key) => !listed.has(key));
  const isCurrent = published !== undefined && Buffer.compare(published, agenda.feed().octets) === 0;
  return [
    ...unread.map((key) => `Message "${key}" is in the mailbox ${PUBLISHED_MAILBOX}, but not in agenda.db`),
    ...gone.map((key) => `Message "${key}" is in agenda.db, but not in the mailbox ${PUBLISHED_MAILBOX}`),
    ...(published === undefined ? ["There is no calendar.ics"] : []),
    ...(published !== undefined && !isCurrent ? ["calendar.ics is not what agenda.db says"] : []),
  ];
}
