import { setImmediate as nextTurn } from "node:timers/promises";
import {
  compileSearch,
  type FieldSearch,
  fieldSearches,
  MessageSummary,
  type SearchKey,
  type SearchMatcher,
  type SummaryPart,
  searchConditions,
  searchedParts,
  textNeedles,
} from "../../core/imap/imap.ts";
import type { MailboxView, Uid } from "../../storage/maildir/maildir.ts";
import type { Channel } from "./channel.ts";
import { type Indexed, KnownMessage } from "./known-message.ts";
import { MessageCursor } from "./message-cursor.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";
import { SoughtTexts } from "./sought-texts.ts";

/** Other sessions get their turn after so many messages. */
const MESSAGES_PER_TURN = 2000;

/** The same while many questions are asked of each. */
const MIN_PER_TURN = 100;

/**
 * The messages that match, in order. Each is looked at only as closely as it takes: first what is in memory,
 * then the indexes of texts, the index, its header, at last the whole of it. Fails with
 * `ClientGone` soon after the client has left.
 */
export async function findMessages(session: Session, keys: SearchKey): Promise<Uid[]> {
  const { selected, options } = session;
  const conditions = searchConditions(keys);
  const candidates = selected.withConditions(conditions, session.saved);
  if (conditions.isAll) return candidates;
  const matches = compileSearch(keys, {
    now: options.now().getTime(),
    largestSequenceNumber: selected.count,
    largestUid: selected.largestUid,
    saved: session.saved,
  });
  const sought = new SoughtTexts(textNeedles(keys));
  const findings: Findings = { matches, found: [], sought, channel: session.channel };
  let open = await sift(selected, candidates, findings);
  if (open.length === 0) return findings.found;
  await sought.askIndex(selected.view, open);
  const searches = new Map(fieldSearches(keys).map((search) => [search.name, search]));
  if (sought.texts.length > 0 || searches.size > 0) {
    open = await sift(selected, open, findings, [...searches.values()]);
  }
  const parts = searchedParts(keys);
  let reading = Promise.resolve();
  for await (const batch of gather(selected.view, open, parts)) {
    // While one batch is read, the threads that read shall have the next one.
    const begun = readOpen(session, siftKnown(selected, batch, findings), findings);
    begun.catch(() => {}); // we hear of it below
    await reading;
    reading = begun;
    await nextTurn();
  }
  await reading;
  // Not before: it would take processors from who waits for an answer.
  if (open.length > 0 && sought.texts.length > 0) selected.view.indexTexts();
  return findings.found.sort((one, other) => one - other);
}

interface Findings {
  readonly matches: SearchMatcher;
  readonly found: Uid[];
  readonly sought: SoughtTexts;
  readonly channel: Channel;
}

/** Decides by what is in memory, and what an index says of these fields, and returns the messages that it leaves open. */
async function sift(
  selected: SelectedMailbox,
  uids: readonly Uid[],
  { matches, found, sought, channel }: Findings,
  searches: readonly FieldSearch[] = [],
): Promise<Uid[]> {
  const open: Uid[] = [];
  const size = Math.max(MIN_PER_TURN, Math.floor(MESSAGES_PER_TURN / Math.max(1, searches.length)));
  for (let start = 0; start < uids.length; start += size) {
    if (start > 0) await nextTurn();
    channel.throwIfGone();
    const batch = uids.slice(start, start + size);
    const answers = new Map<string, Uint8Array>();
    for (const search of searches) answers.set(search.name, await selected.view.find(batch, search));
    const message = new MessageCursor(selected, sought, answers);
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
  { matches, found, sought }: Findings,
): Map<Uid, KnownMessage> {
  const open = new Map<Uid, KnownMessage>();
  for (const indexed of batch) {
    const message = new KnownMessage(selected, indexed, sought);
    const result = matches(message);
    if (result === true) found.push(message.uid);
    else if (result === undefined) open.set(message.uid, message);
  }
  return open;
}

/** Decides by reading the messages: their headers where that is enough. */
async function readOpen(
  session: Session,
  open: Map<Uid, KnownMessage>,
  { matches, found, sought, channel }: Findings,
): Promise<void> {
  const decide = (message: KnownMessage): void => {
    channel.throwIfGone();
    const result = matches(message);
    if (result === undefined) return;
    if (result) found.push(message.uid);
    open.delete(message.uid);
  };
  for await (const message of readHeaders(session, [...open.values()])) decide(message);
  if (sought.texts.length === 0) return;
  for await (const texts of session.selected.view.findTexts([...open.keys()], sought.texts)) {
    const message = open.get(texts.uid);
    message?.learnTexts(texts);
    if (message !== undefined) decide(message);
  }
}

/** Those of the messages whose header was asked for, when they know it. What cannot be read is passed over. */
async function* readHeaders(
  { selected: { view }, options }: Session,
  messages: readonly KnownMessage[],
): AsyncGenerator<KnownMessage> {
  const asked = new Map(
    messages.filter((message) => message.lacksHeader).map((message) => [message.uid, message]),
  );
  const ends = await findHeaderEnds(view, asked.keys());
  for await (const [uid, opened] of view.openEach(ends.keys())) {
    if (opened === undefined) continue; // expunged since, or it cannot be read
    const message = asked.get(uid);
    try {
      await message?.readHeader(opened, ends.get(uid) ?? 0);
      if (message !== undefined) yield message;
    } catch (err) {
      options.log.warn({ mailbox: view.name, uid, err }, "The header of a message cannot be read");
    } finally {
      await opened.close();
    }
  }
}

/** Where the header of each of the messages ends. */
async function findHeaderEnds(view: MailboxView, uids: Iterable<Uid>): Promise<Map<Uid, number>> {
  const ends = new Map<Uid, number>();
  for await (const batch of view.descriptions(uids, ["structure"])) {
    for (const { uid, description } of batch)
      ends.set(uid, new MessageSummary(description).layout.header.end);
  }
  return ends;
}
