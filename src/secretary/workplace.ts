import type { FeedIdentity } from "../core/calendar/calendar.ts";
import type { ReadingContext } from "../core/payloads/payloads.ts";
import type { AgendaDb } from "../storage/agenda-db/agenda-db.ts";
import type { Maildir, Spool } from "../storage/maildir/maildir.ts";
import type { Agenda } from "./agenda.ts";
import type { SecretaryLog } from "./outcome-log.ts";
import type { Parser } from "./parser.ts";
import type { Policy } from "./policy.ts";

/** The mailboxes that the secretary sorts into. */
export const PUBLISHED_MAILBOX = "Secretary";
export const HELD_MAILBOX = "Secretary.Held";
/** The keyword of a message that the user put into the calendar: it counts as sent by somebody trusted. */
export const APPROVED_KEYWORD = "$Approved";

/** What the secretary's jobs work with. */
export interface Workplace {
  readonly maildir: Maildir;
  readonly spool: Spool;
  readonly db: AgendaDb;
  readonly agenda: () => Agenda;
  readonly parser: Parser;
  readonly policy: Policy;
  readonly identity: FeedIdentity;
  readonly reading: Omit<ReadingContext, "fileDate">;
  readonly now: () => Date;
  readonly log: SecretaryLog;
  /** Told the base name of a message before it is moved into the mailbox: no need to look what happened there. */
  readonly expectHint: (baseName: string) => void;
  /** Aborted when what is in hand is to be the last. */
  readonly stopping: AbortSignal;
}
