/**
 * The grammar of IMAP4rev1 and IMAP4rev2 (RFC 3501, RFC 9051) and its extensions: octets of a client cut into commands,
 * commands parsed, what answers are made of. Any octets may come; a problem is returned, and nothing
 * throws. No I/O, and no mailboxes: what a command does is decided in servers/imap.
 */
export { isAppendEnd, parseAppendNext, parseAppendStart } from "./append-arguments.ts";
export { readBaseSubject } from "./base-subject.ts";
export { formatBodyStructure } from "./body-structure-format.ts";
export type {
  AppendedMessage,
  Command,
  CommandName,
  FetchCommand,
  ListCommand,
  ReturnOptions,
  SearchCommand,
  SelectCommand,
  SortCommand,
  SortCriterion,
  StatusItem,
  StoreCommand,
  ThreadCommand,
  Window,
} from "./command.ts";
export { type ParsedCommand, parseCommand } from "./command-parser.ts";
export type { Problem, Result } from "./command-problem.ts";
export { CommandReader, type Incoming, type ReaderLimits } from "./command-reader.ts";
export { formatEnvelope } from "./envelope-format.ts";
export type { FetchAttribute, FetchItem, PartialRange, Section } from "./fetch-items.ts";
export { type FlagSet, isSameFlag, SYSTEM_FLAGS, type SystemFlag } from "./flag-names.ts";
export { dayOf, formatDateTime } from "./imap-date-time.ts";
export { HIERARCHY_DELIMITER, matchesPattern } from "./list-pattern.ts";
export {
  composeMailboxName,
  decodeMailboxName,
  type EncodedName,
  encodeMailboxName,
  isComposed,
  type NameForm,
} from "./mailbox-names.ts";
export { readReferences } from "./message-ids.ts";
export {
  areListed,
  MessageSummarizer,
  MessageSummary,
  SUMMARY_VERSION,
  type SummarizedMessage,
  type SummaryPart,
  summarizeMessage,
} from "./message-summary.ts";
export { type OrderKeys, parseAnswersKey, readOrderKeys } from "./order-keys.ts";
export type { SearchKey } from "./search-keys.ts";
export {
  asksForModSeq,
  compileSearch,
  type NumberSet,
  type SearchConditions,
  type SearchContext,
  type SearchedFacts,
  type SearchedIds,
  type SearchedMessage,
  type SearchMatcher,
  searchConditions,
  searchedParts,
  textNeedles,
} from "./search-matcher.ts";
export { type FieldSearch, fieldSearches, readSearchedFields } from "./searched-fields.ts";
export {
  formatNumberSet,
  formatNumbers,
  isInRanges,
  type NumberRange,
  resolveRanges,
  type SequenceSet,
} from "./sequence-set.ts";
export { MessageSorter, type OrderedColumns, sortedKeys } from "./sort-order.ts";
export { formatList, formatNString, formatString } from "./strings.ts";
export { formatThreads, SubjectThreader, type Threader } from "./thread.ts";
export { ReferencesThreader } from "./thread-by-references.ts";
