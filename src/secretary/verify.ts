import type { AgendaDb } from "../storage/agenda-db/agenda-db.ts";
import type { FeedFile } from "../storage/feed-file/feed-file.ts";
import type { Maildir } from "../storage/maildir/maildir.ts";
import type { Agenda } from "./agenda.ts";
import { PUBLISHED_MAILBOX } from "./workplace.ts";

export interface VerifyOptions {
  readonly maildir: Maildir;
  readonly db: AgendaDb;
  readonly agenda: Agenda;
  readonly feedFile: Pick<FeedFile, "current">;
}

/** Compares mailbox, agenda.db and calendar.ics. @returns every difference, in a sentence each */
export async function verify({ maildir, db, agenda, feedFile }: VerifyOptions): Promise<string[]> {
  const listed = new Set((await maildir.list(PUBLISHED_MAILBOX)).map(({ baseName }) => baseName));
  const known = db.messageKeys();
  const unread = [...listed].filter((key) => !known.has(key));
  const gone = [...known].filter((key) => !listed.has(key));
  const published = feedFile.current();
  const isCurrent = published !== undefined && Buffer.compare(published.octets, agenda.feed().octets) === 0;
  return [
    ...unread.map((key) => `Message "${key}" is in the mailbox ${PUBLISHED_MAILBOX}, but not in agenda.db`),
    ...gone.map((key) => `Message "${key}" is in agenda.db, but not in the mailbox ${PUBLISHED_MAILBOX}`),
    ...(published === undefined ? ["There is no calendar.ics"] : []),
    ...(published !== undefined && !isCurrent ? ["calendar.ics is not what agenda.db says"] : []),
  ];
}
