import { join } from "node:path";
import { setImmediate as nextTick } from "node:timers/promises";
import { DescriptionStore } from "./description-store.ts";
import { type FileStamp, isSettled, stampOf } from "./file-stamp.ts";
import { HintCollector } from "./hint-collector.ts";
import { IndexUpkeep } from "./index-upkeep.ts";
import { extendKeywordTable, type KeywordTable, readKeywordTable } from "./keyword-file.ts";
import { type FolderStamps, hasMailboxIndex, writeMailboxIndex } from "./mailbox-index.ts";
import { areSame, loadMailbox, stampFolder } from "./mailbox-load.ts";
import { type FoundChange, type MailboxSite, pathOf, type SyncedMailbox } from "./mailbox-site.ts";
import type { MailboxState } from "./mailbox-state.ts";
import { syncFiles, syncWithFolder } from "./mailbox-sync.ts";
import type { DescriptionParts, MailboxChange, Uid } from "./mailbox-view.ts";
import type { FactSources } from "./message-facts.ts";
import { isMissing } from "./missing.ts";
import { type MessageReader, openMessageFile } from "./open-message.ts";
import { TextIndex } from "./text-index.ts";
import type { Turns } from "./turns.ts";
import { checkList, UidValidityChanged } from "./uid-assignment.ts";
import { isShortage, UnreadableMessages } from "./unreadable-messages.ts";

/** How long a change waits to be written into the index; until then a crash costs a listing of the folders. */
const SAVE_DELAY_MS = 10_000;

/** How often we look whether the watcher missed something. */
const CHECK_INTERVAL_MS = 30_000;

/** Listing so many messages takes as long as hearing of what happens to one. */
const MAX_LISTED_OFTEN = 1000;

/** More files than this at once, and than a tenth of all, and listing the folders is faster than looking at each. */
const MAX_LOOKED_AT = 1000;

/** So many lines of expunged messages, or a quarter of all, and the UID list is written anew. */
const MAX_IDLE_LINES = 100;

/** A mailbox to which its files may be changed, for nobody else does meanwhile. */
export interface ChangingMailbox extends SyncedMailbox {
  /** Brings the state to what is on disk, for when a file is not where the state has it. */
  readonly resync: () => Promise<void>;
  /** The mailbox's keywords, with a letter for each of these. Throws `TooManyKeywords`. */
  readonly extendKeywords: (keywords: readonly string[]) => Promise<KeywordTable>;
}

/** What no folder looks like. */
const NO_STAMPS: FolderStamps = { cur: "", new: "", uidList: "" };

/** Somebody who is told of what happens in a mailbox. */
export interface Listener {
  readonly onChange: (change: MailboxChange) => void;
}

/**
 * A mailbox in use: its state, kept in line with the disk. What lists, renames or removes files takes turns,
 * so that nobody sees half of a change of ours.
 */
export class OpenMailbox implements FactSources {
  readonly site: MailboxSite;
  readonly state: MailboxState;
  readonly descriptions: DescriptionStore;
  readonly texts: TextIndex;
  readonly underway: FactSources["underway"] = new Map();
  readonly listeners = new Set<Listener>();
  readonly #changing: ChangingMailbox;
  readonly #turns: Turns;
  readonly #hints: HintCollector;
  readonly #checkTimer: NodeJS.Timeout;
  #saveTimer: NodeJS.Timeout | undefined;
  /** What the folders looked like when all that was in them was in the state. */
  #stamps = NO_STAMPS;
  #keywordStamp: FileStamp | undefined;
  /** Whose change is being made. */
  #origin: Listener | undefined;
  readonly #upkeep: IndexUpkeep;
  readonly #unreadable: UnreadableMessages;
  #isClosing = false;
  #isGone = false;

  private constructor(site: MailboxSite, state: MailboxState, turns: Turns) {
    this.site = site;
    this.state = state;
    this.#changing = {
      state,
      site,
      tell: (change) => this.#tell(change),
      resync: () => this.#refresh(true),
      extendKeywords: (keywords) => this.#extendKeywords(keywords),
    };
    this.#turns = turns;
    const owner = { ...state.identity, version: site.world.describer.version };
    this.descriptions = new DescriptionStore(site.folder, owner);
    this.texts = new TextIndex(site.textIndexThread, site.folder, owner);
    this.#upkeep = new IndexUpkeep(this, turns);
    this.#unreadable = new UnreadableMessages(site);
    this.#hints = new HintCollector(site.folder, () => this.#inBackground(() => this.#answerHints()));
    const check = () =>
      this.#inBackground(() => {
        this.#keepIndexes();
        return this.#refresh(false);
      });
    this.#checkTimer = setInterval(check, CHECK_INTERVAL_MS).unref();
  }

  /** Loads a mailbox, from its index as far as that is up to date. */
  static async load(site: MailboxSite, turns: Turns): Promise<OpenMailbox> {
    return turns.take(async () => {
      const { state, stamps, isIndexed } = await loadMailbox(site);
      const mailbox = new OpenMailbox(site, state, turns);
      mailbox.#stamps = stamps;
      await mailbox.#readKeywords();
      if (!isIndexed) mailbox.#saveSoon();
      return mailbox;
    });
  }

  /** True when the mailbox was deleted, renamed or given other UIDs: nothing more will happen here. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** From now on, what other programs do is noticed without a `refresh`. */
  watch(): void {
    if (!this.#isClosing) this.#hints.watch();
  }

  /** Looks at the disk; resolves when the state is what is there. */
  refresh(): Promise<void> {
    return this.#turns.take(async () => {
      this.#keepIndexes();
      await this.#refresh(false);
      // What somebody else did while we made a change of ours looks like a part of that. Only the watcher
      // knows better, and has said so when the event loop has come round.
      await nextTick();
      await this.#answerHints();
    });
  }

  /** For a file that we put into the mailbox's folder, or renamed there, outside of `change`. */
  hint(path: string): void {
    this.#hints.add(path);
  }

  /**
   * Makes a change to files and state, while nobody else does. Listeners are told that it is the origin's
   * own. A large mailbox is watched from then on: else each change would have it listed again, for its folders
   * are not as they were.
   */
  change<T>(act: (mailbox: ChangingMailbox) => Promise<T>, origin?: Listener): Promise<T> {
    return this.#turns.take(async () => {
      if (this.state.table.count > MAX_LISTED_OFTEN) this.watch();
      await this.#readKeywords();
      const isUpToDate = this.#isUpToDate(stampFolder(this.site.folder));
      this.#origin = origin;
      try {
        return await act(this.#changing);
      } finally {
        this.#origin = undefined;
        // Nobody else had done anything before, so what is there now is what we did, or the watcher tells.
        if (isUpToDate && this.#hints.isWatching) this.#stamps = stampFolder(this.site.folder);
      }
    });
  }

  /** Opens a message's file, and the state knows its size and date then. Undefined when the message is gone. */
  async open(uid: Uid): Promise<MessageReader | undefined> {
    const path = this.#pathOf(uid);
    const reader = await this.#tryOpen(uid);
    if (reader !== undefined || this.state.table.positionOf(uid) < 0) return reader;
    // A link that leads nowhere, say. To list the folders for each of many such, again and again, would be too much.
    if (this.#unreadable.has(uid, path)) return undefined;
    await this.#turns.take(async () => {
      // It was renamed. Where we did that ourselves, the state has it in its new place by now.
      if (this.#pathOf(uid) === path) await this.#refresh(true);
    });
    return this.#tryOpen(uid);
  }

  /** `MessageSources.openIfReadable`. */
  async openIfReadable(uid: Uid): Promise<MessageReader | undefined> {
    try {
      const reader = await this.open(uid);
      if (reader === undefined) this.noteUnreadable(uid, new Error("Its name leads to no file"));
      return reader;
    } catch (err) {
      if (isShortage(err)) throw err;
      this.noteUnreadable(uid, err);
      return undefined;
    }
  }

  /** `MessageSources.noteUnreadable`. */
  noteUnreadable(uid: Uid, err: unknown): void {
    const path = this.#pathOf(uid);
    if (!this.#isGone && path !== undefined) this.#unreadable.note(uid, path, err);
  }

  /** `MailboxView.mayContain`. */
  async mayContain(uids: Uint32Array, needle: string): Promise<ReadonlySet<Uid>> {
    return new Set(await this.texts.find(needle, uids));
  }

  /** `FactSources.keysSoon`. */
  keysSoon(descriptions: ReadonlyMap<Uid, DescriptionParts>): void {
    this.#upkeep.keysSoon(descriptions);
  }

  /** `MailboxView.describe`. */
  describe(calm: () => Promise<void>): void {
    this.#upkeep.describe(calm);
  }

  /** `MailboxView.indexTexts`. */
  indexTexts(): void {
    this.#upkeep.indexTexts();
  }

  /** Tells everybody that the mailbox is gone. */
  retire(): void {
    this.#isGone = true;
    this.#upkeep.stop();
    const listeners = [...this.listeners];
    this.listeners.clear();
    for (const listener of listeners) listener.onChange({ kind: "gone" });
  }

  /** Lets go of everything, after writing the index. */
  async close(): Promise<void> {
    clearInterval(this.#checkTimer);
    this.#isClosing = true;
    this.#upkeep.stop();
    await this.#hints.stop();
    await this.#upkeep.close();
    try {
      await this.#turns.take(() => this.#save());
    } finally {
      clearTimeout(this.#saveTimer);
      this.descriptions.close();
      await this.texts.close();
    }
  }

  #pathOf(uid: Uid): string | undefined {
    const position = this.state.table.positionOf(uid);
    return position < 0 ? undefined : pathOf(this.site, this.state.fileAt(position));
  }

  async #tryOpen(uid: Uid): Promise<MessageReader | undefined> {
    const path = this.#pathOf(uid);
    if (path === undefined) return undefined;
    const row = this.state.table.rowAt(this.state.table.positionOf(uid));
    const reader = await openMessageFile(path, row).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    const position = this.state.table.positionOf(uid); // others may have gone meanwhile
    if (reader !== undefined && position >= 0) {
      this.state.table.update(position, { crlfOctets: reader.octets, internalDate: reader.internalDate });
    }
    return reader;
  }

  /** Has those indexes made again that somebody removed. That of the texts is looked at when it is used. */
  #keepIndexes(): void {
    if (this.descriptions.forgetIfRemoved()) this.#upkeep.describeAgain();
    if (!hasMailboxIndex(this.site.folder)) this.#saveSoon();
  }

  async #refresh(isForced: boolean): Promise<void> {
    if (this.#isGone) return;
    try {
      await this.#readKeywords();
      const stamps = stampFolder(this.site.folder);
      // What others did in the same tick as our last look only a listing tells, or the watcher in a while.
      const isSure = this.state.table.count > MAX_LISTED_OFTEN || this.#areSettled(stamps);
      if (!isForced && isSure && this.#isUpToDate(stamps)) return;
      const list = await this.site.uidList.readIfChanged();
      checkList(this.state, list);
      await syncWithFolder(this.#changing, list);
      this.#stamps = { ...stamps, uidList: this.site.uidList.stamp ?? "" };
      this.#saveSoon();
    } catch (error) {
      const isDeleted = isMissing(error) && stampOf(join(this.site.folder, "cur")) === "";
      if (!isDeleted && !(error instanceof UidValidityChanged)) throw error;
      this.retire();
    }
  }

  async #answerHints(): Promise<void> {
    const hint = this.#hints.take();
    if (hint === undefined) return;
    const { files, isFull, isVague } = hint;
    if (isVague) await this.#refresh(false);
    else await this.#readKeywords(); // the lists are looked at whatever the hint was about
    if (this.#isGone) return;
    const areMany = files.size > Math.max(MAX_LOOKED_AT, this.state.table.count / 10);
    if (isFull || areMany) return this.#refresh(true);
    const stamps = stampFolder(this.site.folder);
    if (stamps.uidList !== this.site.uidList.stamp) return this.#refresh(true);
    if (!(await syncFiles(this.#changing, files))) return this.#refresh(true);
    // All that was done before has been told, or is about to be.
    this.#stamps = { ...stamps, uidList: this.site.uidList.stamp };
  }

  #isUpToDate(stamps: FolderStamps): boolean {
    return areSame(stamps, this.#stamps);
  }

  #areSettled({ cur, new: new_ }: FolderStamps): boolean {
    const now = this.site.world.now();
    return isSettled(cur, now) && isSettled(new_, now);
  }

  async #readKeywords(): Promise<void> {
    const stamp = stampOf(join(this.site.folder, "dovecot-keywords"));
    if (stamp === this.#keywordStamp) return;
    this.state.keywords = await readKeywordTable(this.site.folder);
    this.#keywordStamp = stamp;
    this.#pass({ kind: "keywords" });
  }

  async #extendKeywords(keywords: readonly string[]): Promise<KeywordTable> {
    if (keywords.length > 0) {
      await extendKeywordTable(this.site.folder, keywords, this.state.table.usedMarks());
      await this.#readKeywords();
    }
    return this.state.keywords;
  }

  #tell(change: FoundChange): void {
    if (change.kind === "expunged") {
      this.descriptions.remove(change.uids);
      this.texts.remove(change.uids);
    }
    if (change.kind === "arrived") this.#upkeep.describeSoon(change.uids);
    this.#saveSoon();
    this.#pass(change);
  }

  #pass(change: FoundChange | { kind: "keywords" }): void {
    for (const listener of this.listeners) {
      const own = listener === this.#origin;
      listener.onChange(change.kind === "marked" ? { ...change, own } : change);
    }
  }

  #saveSoon(): void {
    this.#saveTimer ??= setTimeout(() => this.#inBackground(() => this.#save()), SAVE_DELAY_MS).unref();
  }

  async #save(): Promise<void> {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    await this.#refresh(false);
    if (this.#isGone) return;
    const { folder, uidList } = this.site;
    const idleLines = uidList.lineCount - this.state.table.count;
    if (idleLines > Math.max(MAX_IDLE_LINES, uidList.lineCount / 4)) await this.#rewriteUidList();
    const stamps = stampFolder(folder);
    const isSure = this.#isUpToDate(stamps) && this.#areSettled(stamps);
    if (!isSure) this.#saveSoon();
    await writeMailboxIndex(folder, {
      state: this.state,
      // While we are not sure of the folders, a start lists them.
      stamps: { ...(isSure ? stamps : NO_STAMPS), uidList: (uidList.isWhole && uidList.stamp) || "" },
      uidListLines: uidList.lineCount,
    });
  }

  async #rewriteUidList(): Promise<void> {
    const { uidList } = this.site;
    await uidList.whileLocked(async () => {
      const stamps = stampFolder(this.site.folder);
      if (!this.#isUpToDate(stamps)) return; // Dovecot wrote something; let a refresh read that first
      await uidList.replace(this.state.uidListLines());
      this.#stamps = { ...stamps, uidList: uidList.stamp ?? "" };
    });
  }

  #inBackground(act: () => Promise<void>): void {
    this.#turns.take(act).catch(() => {
      // Nobody waits for this. Whoever looks next makes up for it, or meets the same failure.
      this.#stamps = NO_STAMPS;
    });
  }
}
