import { setImmediate as nextTurn } from "node:timers/promises";
import {
  compileSearch,
  MessageSummarizer,
  MessageSummary,
  type SearchedFacts,
  type SearchedMessage,
  type SearchKey,
  type SearchMatcher,
} from "../../core/imap/imap.ts";
import {
  findFields,
  type HeaderField,
  parseHeader,
  type SearchableText,
  toOctetString,
} from "../../core/mime/mime.ts";
import type { DescribedMessage, OpenMessage, Uid } from "../../storage/maildir/maildir.ts";
import { markNamed } from "./flag-marks.ts";
import type { SelectedMailbox } from "./selected-mailbox.ts";
import type { Session } from "./session.ts";

/** Other sessions get their turn after so many messages. */
const MESSAGES_PER_TURN = 2000;

/**
 * The messages that match, in order. Each is looked at only as closely as it takes: first what is in memory,
 * then the index, then its header, at last the whole of it.
 */
export async function findMessages(session: Session, keys: SearchKey): Promise<Uid[]> {
  const { selected, options } = session;
  const matches = compileSearch(keys, {
    now: options.now().getTime(),
    largestSequenceNumber: selected.count,
    largestUid: selected.largestUid,
    saved: session.saved,
  });
  const found: Uid[] = [];
  const open: Uid[] = [];
  for (const [at, uid] of selected.uids.entries()) {
    if (at % MESSAGES_PER_TURN === MESSAGES_PER_TURN - 1) await nextTurn();
    if (selected.view.marksOf(uid) === undefined) continue;
    const result = matches(new KnownMessage(selected, uid));
    if (result === true) found.push(uid);
    else if (result === undefined) open.push(uid);
  }
  if (open.length > 0) await lookCloser(selected, open, { matches, found });
  return found.sort((one, other) => one - other);
}

interface Findings {
  readonly matches: SearchMatcher;
  readonly found: Uid[];
}

async function lookCloser(
  selected: SelectedMailbox,
  uids: readonly Uid[],
  { matches, found }: Findings,
): Promise<void> {
  for await (const described of selected.view.descriptions(uids)) {
    const message = new KnownMessage(selected, described.uid, described);
    let result = matches(message);
    if (result === undefined) {
      const opened = await selected.view.open(described.uid);
      if (opened === undefined) continue; // expunged since
      try {
        await message.readHeader(opened);
        result = matches(message);
        if (result === undefined) {
          await message.readText(opened);
          result = matches(message);
        }
      } finally {
        await opened.close();
      }
    }
    if (result === true) found.push(described.uid);
  }
}

/** A message with what is known of it by now. */
class KnownMessage implements SearchedMessage {
  readonly uid: Uid;
  readonly facts: SearchedFacts | undefined;
  readonly #selected: SelectedMailbox;
  readonly #summary: MessageSummary | undefined;
  #header: readonly HeaderField[] | undefined;
  #text: SearchableText | undefined;

  constructor(selected: SelectedMailbox, uid: Uid, described?: DescribedMessage) {
    this.uid = uid;
    this.#selected = selected;
    if (described === undefined) return;
    const summary = new MessageSummary(described.description);
    this.#summary = summary;
    this.facts = {
      octets: described.octets,
      internalDate: described.internalDate.getTime(),
      savedAt: described.savedAt.getTime(),
      emailId: summary.emailId,
      threadId: summary.threadId,
    };
  }

  get sequenceNumber(): number {
    return this.#selected.sequenceNumberOf(this.uid);
  }

  get modSeq(): number {
    return this.#selected.view.modSeqOf(this.uid) ?? 0;
  }

  get isRecent(): boolean {
    return this.#selected.isRecent(this.uid);
  }

  hasFlag(flag: string): boolean {
    const { view } = this.#selected;
    return ((view.marksOf(this.uid) ?? 0) & markNamed(flag, view.keywords)) !== 0;
  }

  fields(name: string): readonly string[] | undefined {
    if (this.#header !== undefined) return findFields(this.#header, name);
    const listed = this.#summary?.selectFields([name]);
    return listed === undefined ? undefined : parseHeader(listed).map((field) => field.value);
  }

  hasText(where: "body" | "text", needle: string): boolean | undefined {
    if (this.#text === undefined) return undefined;
    return this.#text.body.includes(needle) || (where === "text" && this.#text.header.includes(needle));
  }

  async readHeader(opened: OpenMessage): Promise<void> {
    const end = this.#summary?.layout.header.end ?? 0;
    let header = "";
    for await (const octets of opened.read(0, end)) header += toOctetString(octets);
    this.#header = parseHeader(header);
  }

  async readText(opened: OpenMessage): Promise<void> {
    const summarizer = new MessageSummarizer();
    for await (const octets of opened.read(0, opened.octets)) summarizer.push(octets);
    this.#text = summarizer.end().text;
  }
}
