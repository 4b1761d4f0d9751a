import { setImmediate as nextTurn } from "node:timers/promises";
import { compileSearch, type SearchKey, type SearchMatcher, textNeedles } from "../../core/imap/imap.ts";
import type { OpenMessage, Uid } from "../../storage/maildir/maildir.ts";
import { KnownMessage } from "./known-message.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Other sessions get their turn after so many messages. */
const MESSAGES_PER_TURN = 2000;

/**
 * The messages that match, in order. Each is looked at only as closely as it takes: first what is in memory,
 * then the index of texts, the index, its header, at last the whole of it.
 */
export async function findMessages(session: Session, keys: SearchKey): Promise<Uid[]> {
  const { selected, options } = session;
  const matches = compileSearch(keys, {
    now: options.now().getTime(),
    largestSequenceNumber: selected.count,
    largestUid: selected.largestUid,
    saved: session.saved,
  });
  const findings: Findings = { matches, found: [], candidates: new Map() };
  let open = await sift(selected, selected.uids, findings);
  const needles = new Set(textNeedles(keys).map(({ needle }) => needle));
  if (open.length > 0 && needles.size > 0) {
    for (const needle of needles) {
      findings.candidates.set(needle, await selected.view.mayContain(open, needle));
    }
    open = await sift(selected, open, findings);
  }
  if (open.length > 0) await lookCloser(selected, open, findings);
  return findings.found.sort((one, other) => one - other);
}

interface Findings {
  readonly matches: SearchMatcher;
  readonly found: Uid[];
  readonly candidates: Map<string, ReadonlySet<Uid>>;
}

/** Decides by what is in memory, and returns the messages that it leaves open. */
async function sift(
  selected: SelectedMailbox,
  uids: readonly Uid[],
  { matches, found, candidates }: Findings,
): Promise<Uid[]> {
  const open: Uid[] = [];
  for (const [at, uid] of uids.entries()) {
    if (at % MESSAGES_PER_TURN === MESSAGES_PER_TURN - 1) await nextTurn();
    if (selected.view.marksOf(uid) === undefined) continue;
    const result = matches(new KnownMessage(selected, uid, { candidates }));
    if (result === true) found.push(uid);
    else if (result === undefined) open.push(uid);
  }
  return open;
}

/** First by the index, then by opening messages. */
async function lookCloser(
  selected: SelectedMailbox,
  uids: readonly Uid[],
  { matches, found, candidates }: Findings,
): Promise<void> {
  for await (const batch of selected.view.descriptions(uids)) {
    const open = new Map<Uid, KnownMessage>();
    for (const described of batch) {
      const message = new KnownMessage(selected, described.uid, { described, candidates });
      const result = matches(message);
      if (result === true) found.push(described.uid);
      else if (result === undefined) open.set(described.uid, message);
    }
    for await (const [uid, opened] of selected.view.openEach(open.keys())) {
      const message = open.get(uid);
      if (message === undefined || opened === undefined) continue; // expunged since
      try {
        if (await isMatch(message, opened, matches)) found.push(uid);
      } finally {
        await opened.close();
      }
    }
    await nextTurn();
  }
}

async function isMatch(message: KnownMessage, opened: OpenMessage, matches: SearchMatcher): Promise<boolean> {
  await message.readHeader(opened);
  const early = matches(message);
  if (early !== undefined) return early;
  await message.readText(opened);
  return matches(message) === true;
}
