import { setImmediate as nextTurn } from "node:timers/promises";
import { compileSearch, type SearchKey, type SearchMatcher, textNeedles } from "../../core/imap/imap.ts";
import type { DescribedMessage, Uid } from "../../storage/maildir/maildir.ts";
import { ahead } from "./ahead.ts";
import { KnownMessage } from "./known-message.ts";
import { openSource } from "./message-source.ts";
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

/** Several at a time, since most of the time is waiting for the disk. */
async function lookCloser(
  selected: SelectedMailbox,
  uids: readonly Uid[],
  findings: Findings,
): Promise<void> {
  const described = selected.view.descriptions(uids);
  const decide = (message: DescribedMessage): Promise<boolean> => decideByOctets(selected, message, findings);
  for await (const [{ uid }, isMatch] of ahead(described, decide, async () => {})) {
    if (isMatch) findings.found.push(uid);
  }
}

async function decideByOctets(
  selected: SelectedMailbox,
  described: DescribedMessage,
  { matches, candidates }: Findings,
): Promise<boolean> {
  const message = new KnownMessage(selected, described.uid, { described, candidates });
  const early = matches(message);
  if (early !== undefined) return early;
  const opened = await openSource(selected.view, described.uid);
  if (opened === undefined) return false; // expunged since
  try {
    await message.readHeader(opened);
    const result = matches(message);
    if (result !== undefined) return result;
    await message.readText(opened);
    return matches(message) === true;
  } finally {
    await opened.close();
  }
}
