import { findTexts } from "./find-texts.ts";
import { marksOfKeywords } from "./keyword-file.ts";
import type { MailboxName } from "./mailbox-name.ts";
import type {
  CopiedUids,
  DaySearch,
  DescribedColumns,
  DescribedMessage,
  DescriptionPart,
  FoundTexts,
  MailboxChange,
  MailboxView,
  MessageFacts,
  ModSeq,
  OpenMessage,
  OrderPart,
  SoughtText,
  TextSearch,
  Uid,
} from "./mailbox-view.ts";
import type { Marks } from "./marks.ts";
import { claimRecent, expungeTrashed, storeMarks } from "./message-actions.ts";
import { gatherColumns } from "./message-columns.ts";
import { factsOf, gatherDescriptions, gatherFacts, savedAtOf } from "./message-facts.ts";
import { findByKeys } from "./message-keys.ts";
import { copyMessages, moveMessages } from "./message-transfer.ts";
import { openEach } from "./open-each.ts";
import type { Listener, OpenMailbox } from "./open-mailbox.ts";

/** What a view needs besides its mailbox. */
export interface ViewSurroundings {
  readonly onChange: (change: MailboxChange) => void;
  readonly onClose: () => void;
  readonly openMailbox: (mailbox: MailboxName) => Promise<OpenMailbox | undefined>;
}

/** What one session has of an open mailbox. */
export class SessionView implements MailboxView, Listener {
  readonly onChange: (change: MailboxChange) => void;
  readonly #mailbox: OpenMailbox;
  readonly #surroundings: ViewSurroundings;

  constructor(mailbox: OpenMailbox, surroundings: ViewSurroundings) {
    this.#mailbox = mailbox;
    this.#surroundings = surroundings;
    this.onChange = surroundings.onChange;
    mailbox.listeners.add(this);
    mailbox.watch();
  }

  get name(): MailboxName {
    return this.#mailbox.site.mailbox;
  }

  get uidValidity(): number {
    return this.#mailbox.state.identity.uidValidity;
  }

  get mailboxId(): string {
    return this.#mailbox.state.identity.mailboxId;
  }

  get uidNext(): Uid {
    return this.#mailbox.state.uidNext;
  }

  get highestModSeq(): ModSeq {
    return this.#mailbox.state.highestModSeq;
  }

  get messageCount(): number {
    return this.#mailbox.state.table.count;
  }

  get keywords(): readonly (string | undefined)[] {
    return this.#mailbox.state.keywords;
  }

  uids(): Uint32Array {
    return this.#mailbox.state.table.columns.uids.slice();
  }

  marksOf(uid: Uid): Marks | undefined {
    const { table } = this.#mailbox.state;
    const position = table.positionOf(uid);
    return position < 0 ? undefined : table.marksAt(position);
  }

  modSeqOf(uid: Uid): ModSeq | undefined {
    const { table } = this.#mailbox.state;
    const position = table.positionOf(uid);
    return position < 0 ? undefined : table.modSeqAt(position);
  }

  factsOf(uid: Uid): MessageFacts | undefined {
    return factsOf(this.#mailbox.state.table, uid);
  }

  savedAt(uid: Uid): Date | undefined {
    return savedAtOf(this.#mailbox.state, uid);
  }

  count({ all = 0, none = 0 }: { readonly all?: Marks; readonly none?: Marks }): number {
    return this.#mailbox.state.table.countMarked(all, none);
  }

  marked(
    marks: { readonly all: Marks; readonly none: Marks },
    range: { readonly first: Uid; readonly last: Uid },
  ): Uid[] {
    return this.#mailbox.state.table.uidsMarked(marks, range);
  }

  expungedSince(modSeq: ModSeq): readonly Uid[] | undefined {
    return this.#mailbox.state.expunged.since(modSeq);
  }

  refresh(): Promise<void> {
    return this.#mailbox.refresh();
  }

  claimRecent(): Promise<readonly Uid[]> {
    return claimRecent(this.#mailbox);
  }

  facts(uids: Iterable<Uid>): AsyncIterable<readonly MessageFacts[]> {
    return gatherFacts(this.#mailbox, uids);
  }

  descriptions<Part extends DescriptionPart>(
    uids: Iterable<Uid>,
    parts: readonly Part[],
  ): AsyncIterable<readonly DescribedMessage<Part>[]> {
    return gatherDescriptions(this.#mailbox, uids, parts);
  }

  describe(calm: () => Promise<void>): void {
    this.#mailbox.describe(calm);
  }

  columns<Part extends OrderPart>(
    uids: Iterable<Uid>,
    parts: readonly Part[],
  ): AsyncIterable<DescribedColumns<Part>> {
    return gatherColumns(this.#mailbox, uids, parts);
  }

  find(uids: readonly Uid[], search: TextSearch | DaySearch): Promise<Uint8Array> {
    return findByKeys(this.#mailbox, uids, search);
  }

  mayContain(uids: Iterable<Uid>, needle: string): Promise<ReadonlySet<Uid>> {
    return this.#mailbox.mayContain(Uint32Array.from(uids), needle);
  }

  findTexts(uids: Iterable<Uid>, texts: readonly SoughtText[]): AsyncIterable<FoundTexts> {
    return findTexts(this.#mailbox, uids, texts);
  }

  indexTexts(): void {
    this.#mailbox.indexTexts();
  }

  open(uid: Uid): Promise<OpenMessage | undefined> {
    return this.#mailbox.open(uid);
  }

  openEach(uids: Iterable<Uid>): AsyncIterable<readonly [Uid, OpenMessage | undefined]> {
    return openEach(this.#mailbox, uids);
  }

  addKeywords(keywords: readonly string[]): Promise<Marks> {
    return this.#mailbox.change(async ({ extendKeywords }) =>
      marksOfKeywords(await extendKeywords(keywords), keywords),
    );
  }

  async store(
    uids: Iterable<Uid>,
    change: (marks: Marks) => Marks,
    unchangedSince = Number.POSITIVE_INFINITY,
  ): Promise<{ readonly modified: readonly Uid[] }> {
    const modified = await storeMarks(this.#mailbox, uids, { change, unchangedSince, origin: this });
    return { modified };
  }

  expunge(uids: Iterable<Uid>): Promise<readonly Uid[]> {
    return expungeTrashed(this.#mailbox, uids);
  }

  async copy(uids: Iterable<Uid>, mailbox: MailboxName): Promise<CopiedUids | undefined> {
    const target = await this.#surroundings.openMailbox(mailbox);
    return target && copyMessages(this.#mailbox, uids, target);
  }

  async move(uids: Iterable<Uid>, mailbox: MailboxName): Promise<CopiedUids | undefined> {
    const target = await this.#surroundings.openMailbox(mailbox);
    return target && moveMessages(this.#mailbox, uids, target);
  }

  close(): void {
    this.#mailbox.listeners.delete(this);
    this.#surroundings.onClose();
  }
}
