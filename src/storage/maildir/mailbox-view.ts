import type { MailboxName } from "./mailbox-name.ts";
import type { Marks } from "./marks.ts";

/** The number of a message in its mailbox (RFC 9051 §2.3.1.1): ascending, never used twice, below 2³². */
export type Uid = number;

/**
 * Grows with every change in a mailbox (RFC 7162 §3.1). Taken from the clock, so that one that was given
 * before the index was lost is never given again.
 */
export type ModSeq = number;

/** What happened in a mailbox, by whomever. */
export type MailboxChange =
  | { readonly kind: "arrived"; readonly uids: readonly Uid[] }
  | { readonly kind: "expunged"; readonly uids: readonly Uid[] }
  /** Flags or keywords of these messages are different now. `own`: by this very view. */
  | { readonly kind: "marked"; readonly uids: readonly Uid[]; readonly own: boolean }
  /** The mailbox has a keyword it did not have. */
  | { readonly kind: "keywords" }
  /** The mailbox was deleted or renamed, or its UIDs mean nothing any more. No other change follows. */
  | { readonly kind: "gone" };

/** What the index knows of a message besides its marks. */
export interface MessageFacts {
  readonly uid: Uid;
  /** Its size with every line ended by CRLF, which is how it is read. */
  readonly octets: number;
  /** When it was received or, where the client said so, dated (RFC 9051 §2.3.3): milliseconds since 1970. */
  readonly internalDate: number;
}

/**
 * What shall be known of a message without opening its file, in parts that are kept apart, so that who needs a
 * short one for each message of a mailbox does not read the long ones. Only the describer knows their forms.
 */
export interface DescriptionParts {
  /** What is said of the message in front of it: some hundred. */
  readonly header: string;
  /** All the rest: a thousand. */
  readonly structure: string;
}

/**
 * What messages are ordered by and searched for. It follows from the header of a description, and is made of that
 * in turns of its own, or when somebody orders or searches: who only lists a mailbox shall not wait for it.
 */
export interface MessageKeys
  extends Readonly<Record<Exclude<OrderPart, "sentAt">, string>>,
    Readonly<Record<TextPart, string | null>> {
  /** When it was sent, as it says: milliseconds since 1970; null when it does not say. */
  readonly sentAt: number | null;
  /** On which day that was for who sent it: days since 1970; null where only the message itself can tell. */
  readonly sentDay: number | null;
}

/** What messages are ordered by: a date, and short texts. */
export type OrderPart = "sentAt" | "subjectKey" | "fromKey" | "toKey" | "ccKey" | "idKey" | "answersKey";

/** Short texts in which messages are searched; null where only the message itself can tell. */
export type TextPart = "from" | "to" | "cc" | "bcc" | "subject" | "messageId";

/** Which messages have the needle in that text? Neither has NULs in it. */
export interface TextSearch {
  readonly part: TextPart;
  readonly needle: string;
}

/** Which messages were sent before, on, or on or after that day? */
export interface DaySearch {
  readonly part: "sentDay";
  readonly relation: "before" | "on" | "since";
  readonly day: number;
}

export type DescriptionPart = keyof DescriptionParts;

/** A message's facts with those parts of its description that were asked for. */
export interface DescribedMessage<Part extends DescriptionPart = DescriptionPart> extends MessageFacts {
  readonly description: Pick<DescriptionParts, Part>;
}

/** Facts of messages, and those parts of their descriptions that were asked for, in columns of the same length. */
export interface DescribedColumns<Part extends OrderPart = OrderPart> {
  readonly uids: readonly Uid[];
  readonly octets: readonly number[];
  readonly internalDates: readonly number[];
  readonly parts: { readonly [P in Part]: readonly MessageKeys[P][] };
}

/** What a describer makes of a message, each when it is asked for, and at most once. */
export interface Description {
  readonly description: () => DescriptionParts;
  readonly text: () => MessageText;
}

/** What text searches look into, in the form in which they compare it. */
export interface MessageText {
  readonly header: string;
  readonly body: string;
}

/** A text to look for, in that form: in the body, or in header and body. */
export interface SoughtText {
  readonly where: "body" | "text";
  readonly needle: string;
}

/** Which of the texts that were sought stand in a message, in their order. */
export interface FoundTexts {
  readonly uid: Uid;
  readonly areFound: readonly boolean[];
}

/** Makes of a message what shall be known without opening its file. */
export interface Describer {
  /** Changes whenever `describe` gives something else for the same octets; old descriptions are dropped. */
  readonly version: number;
  /** A module that exports this as `describer`, for threads that read many messages. */
  readonly module?: URL;
  /** The octets come with every line ended by CRLF. Must read all of them. */
  describe(octets: AsyncIterable<Uint8Array>): Promise<Description>;
  /** The same of a message in memory, whose octets stay what they are until it was asked for what is wanted. */
  describeWhole(octets: Uint8Array): Description;
  /** The keys of a message, of the header in its description. */
  keysOf(header: string): MessageKeys;
}

/** A message whose file is open: it can be read to its end even when it is expunged meanwhile. */
export interface OpenMessage {
  /** Its size with every line ended by CRLF. */
  readonly octets: number;
  /** The octets from `start` up to and without `end`, lines ended by CRLF; exactly so many. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Which UIDs messages got in another mailbox (RFC 4315 §3); both lists in the same order. */
export interface CopiedUids {
  readonly uidValidity: number;
  readonly from: readonly Uid[];
  readonly to: readonly Uid[];
}

/**
 * A mailbox as one session sees it. All views of a mailbox share one state: what one changes, all others
 * are told, as they are of deliveries and of what other programs do to the files. Lists of UIDs are
 * ascending. UIDs that are not, or no longer, there are passed over by all methods; messages that are there and
 * cannot be read by those that would have to read them, but for what they say otherwise.
 */
export interface MailboxView {
  readonly name: MailboxName;
  readonly uidValidity: number;
  /** Names the mailbox over all renames (RFC 8474 §4): 32 hex digits. */
  readonly mailboxId: string;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  readonly messageCount: number;
  /** The keywords by the bit of `Marks` that stands for them. */
  readonly keywords: readonly (string | undefined)[];

  /** A copy of all UIDs. */
  uids(): Uint32Array;
  /** The flags and keywords of a message. */
  marksOf(uid: Uid): Marks | undefined;
  modSeqOf(uid: Uid): ModSeq | undefined;
  /** As far as that is known without opening its file. */
  factsOf(uid: Uid): MessageFacts | undefined;
  /** When a message came into this mailbox (RFC 8514 §2), of which the facts are known. */
  savedAt(uid: Uid): Date | undefined;
  /** How many messages have all of the marks `all` and none of the marks `none`. */
  count(marks: { readonly all?: Marks; readonly none?: Marks }): number;
  /** Which messages these are, from one UID to another. */
  marked(
    marks: { readonly all: Marks; readonly none: Marks },
    range: { readonly first: Uid; readonly last: Uid },
  ): Uid[];
  /**
   * What was expunged after `modSeq`. Undefined when that is not known that far back: then every UID below
   * `uidNext` that is not there has to be taken for expunged (RFC 7162 §3.2.5.1).
   */
  expungedSince(modSeq: ModSeq): readonly Uid[] | undefined;

  /** Looks at the disk. Resolves when the state is what is there now, and the changes have been told. */
  refresh(): Promise<void>;
  /**
   * The messages that no view claimed before: they are `\Recent` to this one (RFC 3501 §2.3.2). They move
   * from `new` to `cur`, so that other programs see it too.
   */
  claimRecent(): Promise<readonly Uid[]>;

  /**
   * From memory or index; only a message that is not in the index has its file opened. In order and many at a
   * time, for waiting for each would take longer than the rest.
   */
  facts(uids: Iterable<Uid>): AsyncIterable<readonly MessageFacts[]>;
  /** From the index, likewise; only a message that is not in there has its file read. */
  descriptions<Part extends DescriptionPart>(
    uids: Iterable<Uid>,
    parts: readonly Part[],
  ): AsyncIterable<readonly DescribedMessage<Part>[]>;
  /**
   * Puts what is not in the index there, in the background, for who will soon ask for it: a few messages each
   * time that `calm` resolves.
   */
  describe(calm: () => Promise<void>): void;
  /**
   * The same in columns, for who puts all messages of a mailbox in an order. A message that cannot be read has
   * its place as one of which nothing is known.
   */
  columns<Part extends OrderPart>(
    uids: Iterable<Uid>,
    parts: readonly Part[],
  ): AsyncIterable<DescribedColumns<Part>>;
  /**
   * Whether the messages, whose UIDs ascend, are those that are searched for: for each 1 when it is, 0 when
   * not, 2 when the index does not know. Others wait meanwhile, so ask for a few thousand at a time.
   */
  find(uids: readonly Uid[], search: TextSearch | DaySearch): Promise<Uint8Array>;
  /**
   * Those of the messages whose text may contain the needle, which is in the describer's form: all that do,
   * and few others, so that only these need be read. What is not in the index yet is among them.
   */
  mayContain(uids: Iterable<Uid>, needle: string): Promise<ReadonlySet<Uid>>;
  /**
   * Reads the messages and looks for the texts, in order. Other threads do that with small messages, many at a
   * time.
   */
  findTexts(uids: Iterable<Uid>, texts: readonly SoughtText[]): AsyncIterable<FoundTexts>;
  /** Puts what is not in the index of texts there, in the background. */
  indexTexts(): void;
  /** Undefined when the message is gone. Fails when it cannot be read. */
  open(uid: Uid): Promise<OpenMessage | undefined>;
  /**
   * One after the other, while the next ones are read already; undefined for those that are gone or cannot be
   * read. Each is to be closed before the next.
   */
  openEach(uids: Iterable<Uid>): AsyncIterable<readonly [Uid, OpenMessage | undefined]>;

  /**
   * The bits of the keywords, which the mailbox gets where it does not have them. Throws `TooManyKeywords`.
   * For a lookup without that, search `keywords`, regardless of case.
   */
  addKeywords(keywords: readonly string[]): Promise<Marks>;
  /**
   * Gives each message the marks that `change` makes of its present ones. Messages that were changed after
   * `unchangedSince` stay as they are and are returned (RFC 7162 §3.1.3).
   */
  store(
    uids: Iterable<Uid>,
    change: (marks: Marks) => Marks,
    unchangedSince?: ModSeq,
  ): Promise<{ readonly modified: readonly Uid[] }>;
  /** Removes those of the messages that are marked `trashed`, and says which it removed. */
  expunge(uids: Iterable<Uid>): Promise<readonly Uid[]>;
  /**
   * Copies messages with their marks and internal dates; all or none. Resolves when that is on disk; with
   * undefined when there is no such mailbox.
   */
  copy(uids: Iterable<Uid>, mailbox: MailboxName): Promise<CopiedUids | undefined>;
  /** Moves messages likewise. Each is in one mailbox at any time; when it fails, some have moved. */
  move(uids: Iterable<Uid>, mailbox: MailboxName): Promise<CopiedUids | undefined>;

  /** Ends the view; its listener hears nothing more. */
  close(): void;
}
