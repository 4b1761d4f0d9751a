import {
  asksForModSeq,
  formatNumbers,
  formatThreads,
  MessageSorter,
  ReferencesThreader,
  type SortCommand,
  SubjectThreader,
  sortedKeys,
  type ThreadCommand,
  type Threader,
} from "../../core/imap/imap.ts";
import { bad, type Completion, ok } from "./completion.ts";
import { findMessages } from "./find-messages.ts";
import { highestModSeq, numbersOf, UNKNOWN_CHARSET } from "./search.ts";
import type { Session } from "./session.ts";

/** SORT and UID SORT (RFC 5256 §3). */
export async function sortFound(session: Session, command: SortCommand): Promise<Completion> {
  if (command.hasUnknownCharset) return UNKNOWN_CHARSET;
  const hasModSeq = asksForModSeq(command.keys);
  if (hasModSeq) session.enable("CONDSTORE");
  const found = await findMessages(session, command.keys);
  const sorter = new MessageSorter(command.criteria, found.length);
  for await (const columns of session.selected.view.columns(found, sortedKeys(command.criteria))) {
    session.channel.throwIfGone();
    sorter.add(numbersOf(session, command, columns.uids), columns);
  }
  const modSeq = hasModSeq && found.length > 0 ? [`(MODSEQ ${highestModSeq(session, found)})`] : []; // RFC 7162 §3.1.6
  session.out.untagged(["SORT", formatNumbers(sorter.sort()), ...modSeq].filter(Boolean).join(" "));
  return ok("Messages are sorted");
}

/** THREAD and UID THREAD (RFC 5256 §3). */
export async function threadFound(session: Session, command: ThreadCommand): Promise<Completion> {
  const makeThreader = ALGORITHMS.get(command.algorithm);
  if (makeThreader === undefined) return bad("Unknown threading algorithm");
  if (command.hasUnknownCharset) return UNKNOWN_CHARSET;
  if (asksForModSeq(command.keys)) session.enable("CONDSTORE");
  const found = await findMessages(session, command.keys);
  const threader = makeThreader(found.length);
  for await (const columns of session.selected.view.columns(found, threader.keys)) {
    session.channel.throwIfGone();
    threader.add(numbersOf(session, command, columns.uids), columns);
  }
  const threads = formatThreads(threader.threads());
  session.out.untagged(threads === "" ? "THREAD" : `THREAD ${threads}`);
  return ok("Messages are threaded");
}

const ALGORITHMS = new Map<string, (capacity: number) => Threader>([
  ["ORDEREDSUBJECT", (capacity) => new SubjectThreader(capacity)],
  ["REFERENCES", (capacity) => new ReferencesThreader(capacity)],
]);
