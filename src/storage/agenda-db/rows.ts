/** A message of the mailbox, as far as the agenda is concerned. */
export interface StoredMessageRow {
  /** The base name of its file. */
  readonly key: string;
  readonly messageId: string;
  readonly sender: string;
  /** What is known about the sender, in the words of whoever stores it. */
  readonly senderProof: string;
  readonly subject: string;
  /** Seconds since 1970. */
  readonly received: number;
  /** The user put it there. */
  readonly isApproved: boolean;
}

/** One payload of a message; `json` is what the calendar made of it. */
export interface StoredPayload {
  readonly messageKey: string;
  readonly uidKey: string;
  readonly json: string;
}

/** What one UID contributes to the feed, and the counters it was last written with. */
export interface StoredGroup {
  readonly uidKey: string;
  /** Of the content without the counters: they rise only when this changes. */
  readonly digest: string;
  readonly sequence: number;
  /** Seconds since 1970. */
  readonly lastModified: number;
  /** When the message came that cancelled the last of it; seconds since 1970. */
  readonly cancelledAt: number | undefined;
  /** What is written, as the secretary keeps it; empty when the UID contributes nothing. */
  readonly json: string;
}

/** What became of one component of one message, or what else is to be told of it, whichever mailbox it went to. */
export interface Decision {
  /** Seconds since 1970. */
  readonly decidedAt: number;
  readonly messageKey: string;
  readonly messageId: string;
  readonly sender: string;
  readonly uid: string | undefined;
  readonly outcome: string;
  readonly reason: string;
}
