import type { OctetString } from "../mime/mime.ts";
import type { FetchItem } from "./fetch-items.ts";
import type { FlagSet } from "./flag-names.ts";
import type { EncodedName } from "./mailbox-names.ts";
import type { SearchKey } from "./search-keys.ts";
import type { SequenceSet } from "./sequence-set.ts";

/** What a client asks for (RFC 9051 §6); `isUid` where the command has the form `UID …`. */
export type Command =
  | { readonly name: "CAPABILITY" | "NOOP" | "LOGOUT" | "STARTTLS" | "NAMESPACE" | "IDLE" }
  | { readonly name: "CHECK" | "CLOSE" | "UNSELECT" }
  | { readonly name: "ID"; readonly parameters: readonly (readonly [string, string])[] }
  | { readonly name: "LOGIN"; readonly user: OctetString; readonly password: OctetString }
  | { readonly name: "AUTHENTICATE"; readonly mechanism: string; readonly initial: OctetString | undefined }
  | { readonly name: "ENABLE"; readonly capabilities: readonly string[] }
  | { readonly name: "COMPRESS"; readonly algorithm: string }
  | SelectCommand
  | { readonly name: "CREATE"; readonly mailbox: EncodedName; readonly specialUses: readonly string[] }
  | { readonly name: "DELETE"; readonly mailbox: EncodedName }
  | { readonly name: "SUBSCRIBE" | "UNSUBSCRIBE"; readonly mailbox: EncodedName }
  | { readonly name: "RENAME"; readonly mailbox: EncodedName; readonly newName: EncodedName }
  | ListCommand
  | { readonly name: "LSUB"; readonly reference: OctetString; readonly pattern: OctetString }
  | { readonly name: "STATUS"; readonly mailbox: EncodedName; readonly items: readonly StatusItem[] }
  | { readonly name: "EXPUNGE"; readonly uids: SequenceSet | undefined }
  | FetchCommand
  | StoreCommand
  | {
      readonly name: "COPY" | "MOVE";
      readonly isUid: boolean;
      readonly set: SequenceSet;
      readonly mailbox: EncodedName;
    }
  | SearchCommand
  | SortCommand
  | ThreadCommand;

export type CommandName = Command["name"] | "APPEND";

export interface SelectCommand {
  readonly name: "SELECT" | "EXAMINE";
  readonly mailbox: EncodedName;
  readonly isCondstore: boolean;
  readonly resync: Resync | undefined;
}

/** What a client that was here before still knows (RFC 7162 §3.2.5). */
export interface Resync {
  readonly uidValidity: number;
  readonly modSeq: number;
  readonly knownUids: SequenceSet | undefined;
  /** Sequence numbers and the UIDs they had. */
  readonly match: { readonly sequence: SequenceSet; readonly uids: SequenceSet } | undefined;
}

/** LIST with the options of RFC 5258, RFC 5819 and RFC 6154. */
export interface ListCommand {
  readonly name: "LIST";
  readonly reference: OctetString;
  readonly patterns: readonly OctetString[];
  readonly select: readonly ("SUBSCRIBED" | "REMOTE" | "RECURSIVEMATCH" | "SPECIAL-USE")[];
  readonly returned: readonly ("SUBSCRIBED" | "CHILDREN" | "SPECIAL-USE")[];
  readonly status: readonly StatusItem[];
  /** Whether any of it was written, in which case the answers are the extended ones. */
  readonly isExtended: boolean;
}

export const STATUS_ITEMS = [
  "MESSAGES",
  "RECENT",
  "UIDNEXT",
  "UIDVALIDITY",
  "UNSEEN",
  "DELETED",
  "SIZE",
  "HIGHESTMODSEQ",
  "MAILBOXID",
  "APPENDLIMIT",
] as const;

export type StatusItem = (typeof STATUS_ITEMS)[number];

export interface FetchCommand {
  readonly name: "FETCH";
  readonly isUid: boolean;
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  /** Only what changed after this (RFC 7162 §3.1.4.1). */
  readonly changedSince: number | undefined;
  /** Say also what was expunged since (RFC 7162 §3.2.6). */
  readonly isVanished: boolean;
  /** Only this part of the messages named (RFC 9394 §3.3). */
  readonly window: Window | undefined;
}

/** Places in a list of results: from the start, 1 being the first, or from the end, −1 being the last. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface StoreCommand {
  readonly name: "STORE";
  readonly isUid: boolean;
  readonly set: SequenceSet;
  readonly mode: "replace" | "add" | "remove";
  readonly isSilent: boolean;
  readonly flags: FlagSet;
  readonly unchangedSince: number | undefined;
}

/** What a search gives back instead of all numbers (RFC 4731, RFC 5182, RFC 9394). */
export interface ReturnOptions {
  readonly options: readonly ("MIN" | "MAX" | "ALL" | "COUNT" | "SAVE")[];
  readonly window: Window | undefined;
}

interface Searching {
  readonly isUid: boolean;
  readonly keys: SearchKey;
  /** The charset of the keys is one that nobody knows; their strings mean nothing. */
  readonly hasUnknownCharset: boolean;
}

export interface SearchCommand extends Searching {
  readonly name: "SEARCH";
  readonly returned: ReturnOptions | undefined;
}

export interface SortCommand extends Searching {
  readonly name: "SORT";
  readonly criteria: readonly SortCriterion[];
}

export const SORT_KEYS = ["ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO"] as const;

/** One level of an order (RFC 5256 §3). */
export interface SortCriterion {
  readonly key: (typeof SORT_KEYS)[number];
  readonly isReverse: boolean;
}

export interface ThreadCommand extends Searching {
  readonly name: "THREAD";
  readonly algorithm: string;
}

/** The arguments before an APPEND's message (RFC 9051 §6.3.12). */
export interface AppendedMessage {
  readonly flags: FlagSet;
  /** Milliseconds since 1970. */
  readonly internalDate: number | undefined;
  /** Inside `UTF8 (~{…})` (RFC 6855 §4). */
  readonly isUtf8: boolean;
}
