/**
 * Mail on disk: a Maildir++ (cr.yp.to/proto/maildir.html; folders as Courier and Dovecot name them) that
 * mutt, mbsync, Dovecot and `cp` may use at the same time. A message is a file whose name says how large it
 * is and which flags and keywords it has; `dovecot-keywords` is read and written in Dovecot's format.
 *
 * Nothing here knows what is in a message, nor IMAP's, SMTP's or the calendar's words.
 */
export type { Delivered } from "./delivery.ts";
export type { Watching } from "./folder-watch.ts";
export { TooManyKeywords } from "./keyword-file.ts";
export { peekMailbox } from "./listing.ts";
export { HIERARCHY_SEPARATOR, INBOX, isMailboxName, type MailboxName } from "./mailbox-name.ts";
export type {
  CopiedUids,
  DescribedColumns,
  DescribedMessage,
  Describer,
  Description,
  DescriptionPart,
  FoundTexts,
  MailboxChange,
  MailboxView,
  MessageFacts,
  MessageText,
  ModSeq,
  OpenMessage,
  SoughtText,
  TextSearch,
  Uid,
} from "./mailbox-view.ts";
export type { Appended, Mailboxes, MailboxStatus, StagedMessage } from "./mailboxes.ts";
export { FLAG_MARK, type Flag, KEYWORD_MARKS, type Marks } from "./marks.ts";
export type { Destination, Markings, StoredMessage } from "./message-files.ts";
export { checkMaildir, type Maildir, openMaildir } from "./open-maildir.ts";
export { openSpool, type Spool, type SpooledMessage } from "./spool.ts";
export type { Surroundings, UnreadableMessage } from "./surroundings.ts";
