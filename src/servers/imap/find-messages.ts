import { setImmediate as nextTurn } from "node:timers/promises";
import {
  compileSearch,
  type FieldSearch,
  fieldSearches,
  flagConditions,
  MessageSummary,
  type SearchKey,
  type SearchMatcher,
  type SummaryPart,
  searchedParts,
  textNeedles,
} from "../../core/imap/imap.ts";
import type { MailboxView, Uid } from "../../storage/maildir/maildir.ts";
import { type Indexed, KnownMessage } from "./known-message.ts";
import { MessageCursor } from "./message-cursor.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Other sessions get their turn after so many messages. */
const MESSAGES_PER_TURN = 2000;

/** The same while many questions are asked of each. */
const MIN_PER_TURN = 100;

/**
 * The messages that match, in order. Each is looked at only as closely as it takes: first what is in memory,
 * then the indexes of texts, the index, its header, at last the whole of it.
 */
export async function findMessages(session: Session, keys: SearchKey): Promise<Uid[]> {
  const { selected, options } = session;
  const flags = flagConditions(keys);
  const flagged = selected.withFlags(flags);
  if (flags.isAll) return flagged;
  const matches = compileSearch(keys, {
    now: options.now().getTime(),
    largestSequenceNumber: selected.count,
    largestUid: selected.largestUid,
    saved: session.saved,
  });
  const findings: Findings = { matches, found: [], candidates: new Map() };
  let open = await sift(selected, flagged, findings);
  if (open.length === 0) return findings.found;
  const needles = new Set(textNeedles(keys).map(({ needle }) => needle));
  for (const needle of needles) {
    findings.candidates.set(needle, await selected.view.mayContain(open, needle));
  }
  const searches = new Map(fieldSearches(keys).map((search) => [search.name, search]));
  if (needles.size > 0 || searches.size > 0) {
    open = await sift(selected, open, findings, [...searches.values()]);
  }
  const parts = searchedParts(keys);
  for await (const batch of gather(selected.view, open, parts)) {
    await readOpen(selected.view, siftKnown(selected, batch, findings), findings);
    await nextTurn();
  }
  return findings.found.sort((one, other) => one - other);
}

interface Findings {
  readonly matches: SearchMatcher;
  readonly found: Uid[];
  readonly candidates: Map<string, ReadonlySet<Uid>>;
}

/** Decides by what is in memory, and what an index says of these fields, and returns the messages that it leaves open. */
async function sift(
  selected: SelectedMailbox,
  uids: readonly Uid[],
  { matches, found, candidates }: Findings,
  searches: readonly FieldSearch[] = [],
): Promise<Uid[]> {
  const open: Uid[] = [];
  const size = Math.max(MIN_PER_TURN, Math.floor(MESSAGES_PER_TURN / Math.max(1, searches.length)));
  for (let start = 0; start < uids.length; start += size) {
    if (start > 0) await nextTurn();
    const batch = uids.slice(start, start + size);
    const answers = new Map(searches.map((search) => [search.name, selected.view.find(batch, search)]));
    const message = new MessageCursor(selected, candidates, answers);
    for (let place = 0; place < batch.length; place += 1) {
      const uid = batch[place] ?? 0;
      if (!message.moveTo(uid, place)) continue;
      const result = matches(message);
      if (result === true) found.push(uid);
      else if (result === undefined) open.push(uid);
    }
  }
  return open;
}

async function* gather(
  view: MailboxView,
  uids: readonly Uid[],
  parts: readonly SummaryPart[],
): AsyncGenerator<readonly Indexed[]> {
  if (parts.length === 0) {
    for await (const batch of view.facts(uids)) yield batch.map((facts) => ({ facts }));
  } else {
    for await (const batch of view.descriptions(uids, parts)) {
      yield batch.map((facts) => ({ facts, summary: new MessageSummary(facts.description) }));
    }
  }
}

/** Decides by what the index knows, and returns the messages that have to be opened. */
function siftKnown(
  selected: SelectedMailbox,
  batch: readonly Indexed[],
  { matches, found, candidates }: Findings,
): Map<Uid, KnownMessage> {
  const open = new Map<Uid, KnownMessage>();
  for (const indexed of batch) {
    const message = new KnownMessage(selected, indexed, candidates);
    const result = matches(message);
    if (result === true) found.push(message.uid);
    else if (result === undefined) open.set(message.uid, message);
  }
  return open;
}

/** Decides by opening the messages. */
async function readOpen(
  view: MailboxView,
  open: ReadonlyMap<Uid, KnownMessage>,
  { matches, found }: Findings,
): Promise<void> {
  const headerEnds = await findHeaderEnds(view, [...open.values()]);
  for await (const [uid, opened] of view.openEach(open.keys())) {
    const message = open.get(uid);
    if (message === undefined || opened === undefined) continue; // expunged since
    try {
      const headerEnd = headerEnds.get(uid);
      if (headerEnd !== undefined) await message.readHeader(opened, headerEnd);
      const early = headerEnd === undefined ? undefined : matches(message);
      if (early === undefined) await message.readText(opened);
      if (early ?? matches(message)) found.push(uid);
    } finally {
      await opened.close();
    }
  }
}

/** Where the header ends of each of the messages whose header has to be read. */
async function findHeaderEnds(
  view: MailboxView,
  messages: readonly KnownMessage[],
): Promise<Map<Uid, number>> {
  const ends = new Map<Uid, number>();
  const uids = messages.filter((message) => message.lacksHeader).map((message) => message.uid);
  for await (const batch of view.descriptions(uids, ["structure"])) {
    for (const { uid, description } of batch)
      ends.set(uid, new MessageSummary(description).layout.header.end);
  }
  return ends;
}
