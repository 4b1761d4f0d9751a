import {
  isInRanges,
  type NumberRange,
  type NumberSet,
  resolveRanges,
  type SearchConditions,
  type SequenceSet,
} from "../../core/imap/imap.ts";
import type { MailboxChange, MailboxView, Marks, ModSeq, Uid } from "../../storage/maildir/maildir.ts";
import { flagNames, markNamed } from "./flag-marks.ts";

/** What happened in a mailbox and its client has to be told, in this order. */
export interface News {
  readonly expunged: readonly { readonly uid: Uid; readonly sequenceNumber: number }[];
  /** How many messages arrived. */
  readonly arrived: number;
  readonly marked: readonly Uid[];
}

/** Names of flags that are remembered: more than a mailbox can have, fewer than a client can think of. */
const MAX_NAMES = 100;

/** The same numbers as an array: a spread takes ten times as long, which is a fifth of a SELECT. */
function listOf(uids: Uint32Array): Uid[] {
  const list = new Array<Uid>(uids.length);
  for (let at = 0; at < uids.length; at += 1) list[at] = uids[at] ?? 0;
  return list;
}
/** A message that is not so near behind another is looked for. */
const MAX_STEPS = 8;

/**
 * The selected mailbox as its client knows it: the sequence numbers it was told, and what it is still
 * to be told. The view beneath changes at any time, this only when an answer says so (RFC 9051 §7.5).
 */
export class SelectedMailbox {
  readonly isReadOnly: boolean;
  #view: MailboxView | undefined;
  /** By sequence number, from 0. */
  #uids: Uid[] = [];
  /** Where a message was found last. */
  #lastFound = -1;
  readonly #recent = new Set<Uid>();
  #arrived: Uid[] = [];
  #expunged = new Set<Uid>();
  #marked = new Set<Uid>();
  #hasNewKeywords = false;
  #toldModSeq: ModSeq = 0;
  #isGone = false;
  #flagTexts = new Map<Marks, string>();
  #marksByName = new Map<string, Marks>();
  #onChange: () => void = () => {};

  constructor(isReadOnly: boolean) {
    this.isReadOnly = isReadOnly;
  }

  /** Begins with the messages that are in the view now. */
  attach(view: MailboxView): void {
    this.#view = view;
    this.#uids = listOf(view.uids());
    this.#arrived = [];
    this.#expunged.clear();
    this.#marked.clear();
    this.#hasNewKeywords = false;
    this.#toldModSeq = view.highestModSeq;
  }

  get view(): MailboxView {
    if (this.#view === undefined) throw new Error("The mailbox is not open yet");
    return this.#view;
  }

  /** The mailbox was deleted, or its UIDs mean nothing any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Calls back after each change that others make, instead of whom it called before. */
  set onChange(listener: () => void) {
    this.#onChange = listener;
  }

  /**
   * The mod-sequence up to which the client was told everything, while it was not told of messages that are
   * gone; otherwise undefined.
   */
  get toldModSeq(): ModSeq | undefined {
    return this.#expunged.size > 0 ? this.#toldModSeq : undefined;
  }

  get count(): number {
    return this.#uids.length;
  }

  /** In order of sequence numbers. Not to be changed. */
  get uids(): readonly Uid[] {
    return this.#uids;
  }

  get largestUid(): Uid {
    return this.#uids.at(-1) ?? 0;
  }

  isRecent(uid: Uid): boolean {
    return this.#recent.has(uid);
  }

  get recentCount(): number {
    return this.#recent.size;
  }

  /** Makes new messages `\Recent` to this session and to no other (RFC 3501 §2.3.2). */
  async claimRecent(): Promise<void> {
    if (this.isReadOnly) return;
    for (const uid of await this.view.claimRecent()) this.#recent.add(uid);
  }

  /** 0 for a message that this client does not know. */
  sequenceNumberOf(uid: Uid): number {
    // Most who ask for one message ask for the next one then.
    const at = this.#uids[this.#lastFound + 1] === uid ? this.#lastFound + 1 : this.#lowerBound(uid);
    if (this.#uids[at] !== uid) return 0;
    this.#lastFound = at;
    return at + 1;
  }

  /** Those of messages whose UIDs ascend. */
  sequenceNumbersOf(uids: readonly Uid[]): number[] {
    let at = -1;
    return uids.map((uid) => {
      const end = at + MAX_STEPS;
      do at += 1;
      while (at < end && (this.#uids[at] ?? uid) < uid);
      if (this.#uids[at] !== uid) at = this.#lowerBound(uid);
      return this.#uids[at] === uid ? at + 1 : 0;
    });
  }

  /** Those of the messages that this client knows, ascending, which have such flags and numbers. */
  withConditions({ has, lacks, within }: SearchConditions, saved: readonly NumberRange[]): Uid[] {
    const marks = has.map((flag) => this.markNamed(flag));
    if (marks.includes(0)) return [];
    const all = marks.reduce((joined, mark) => joined | mark, 0);
    const none = lacks.reduce((joined, flag) => joined | this.markNamed(flag), 0);
    const sets = within.map((numbers) => this.#uidRanges(numbers, saved));
    let [first, last] = [1, this.largestUid]; // above it are those that arrived, but were not told yet
    for (const ranges of sets) {
      first = Math.max(first, ranges[0]?.first ?? Number.POSITIVE_INFINITY);
      last = Math.min(last, ranges.at(-1)?.last ?? 0);
    }
    const uids = this.view.marked({ all, none }, { first, last });
    const withGaps = sets.filter((ranges) => ranges.length > 1);
    if (withGaps.length === 0) return uids;
    return uids.filter((uid) => withGaps.every((ranges) => isInRanges(ranges, uid)));
  }

  /** What a search means by a set. Numbers that do not exist are in none. */
  #uidRanges({ key, set }: NumberSet, saved: readonly NumberRange[]): readonly NumberRange[] {
    if (set.kind === "saved") return saved;
    if (key === "uid") return resolveRanges(set.ranges, this.largestUid);
    return resolveRanges(set.ranges, this.count).flatMap(({ first, last }) => {
      const uids = this.#uids;
      const [firstUid, lastUid] = [uids[first - 1], uids[Math.min(last, uids.length) - 1]];
      return firstUid === undefined || lastUid === undefined ? [] : [{ first: firstUid, last: lastUid }];
    });
  }

  /** The flags of a message that has these marks, as FLAGS lists them. */
  formatFlags(uid: Uid): string {
    const marks = this.view.marksOf(uid) ?? 0;
    const known = this.#flagTexts.get(marks);
    const text = known ?? flagNames(marks, this.view.keywords).join(" ");
    if (known === undefined) this.#flagTexts.set(marks, text);
    if (!this.#recent.has(uid)) return `(${text})`;
    return text === "" ? "(\\Recent)" : `(${text} \\Recent)`;
  }

  /** The bit of a flag or keyword in any case; 0 when no message can have it. */
  markNamed(flag: string): Marks {
    const known = this.#marksByName.get(flag);
    if (known !== undefined) return known;
    const mark = markNamed(flag, this.view.keywords);
    if (this.#marksByName.size < MAX_NAMES) this.#marksByName.set(flag, mark);
    return mark;
  }

  /**
   * The UIDs that a set means, ascending, of messages that this client knows. Undefined when it has sequence
   * numbers that do not exist (RFC 9051 §9, `seq-number`: a BAD answer).
   */
  resolve(set: SequenceSet, isUid: boolean, saved: readonly NumberRange[]): Uid[] | undefined {
    if (set.kind === "saved") return this.#uids.filter((uid) => isInRanges(saved, uid));
    if (isUid) return this.#within(resolveRanges(set.ranges, this.largestUid));
    const ranges = resolveRanges(set.ranges, this.count);
    if (this.count === 0 || (ranges.at(-1)?.last ?? 0) > this.count) return undefined;
    return ranges.flatMap(({ first, last }) => this.#uids.slice(first - 1, last));
  }

  #within(ranges: readonly NumberRange[]): Uid[] {
    return ranges.flatMap(({ first, last }) =>
      this.#uids.slice(this.#lowerBound(first), this.#lowerBound(last + 1)),
    );
  }

  #lowerBound(uid: Uid): number {
    let [low, high] = [0, this.#uids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#uids[middle] ?? 0) < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether there are keywords that the client was not told of, which by this it is. */
  takeNewKeywords(): boolean {
    const isNews = this.#hasNewKeywords;
    this.#hasNewKeywords = false;
    return isNews;
  }

  /**
   * Gives out the news, which from then on are known: sequence numbers change. With `expunges` false, messages
   * that are gone keep their numbers until another time. Expunged ones come last first, so that each
   * number is still right when it is told.
   */
  takeNews(options: { readonly expunges: boolean }): News {
    const arrived = this.#arrived.filter((uid) => !this.#expunged.delete(uid));
    const gone = options.expunges ? [...this.#expunged] : [];
    const expunged = gone
      .map((uid) => ({ uid, sequenceNumber: this.sequenceNumberOf(uid) }))
      .filter(({ sequenceNumber }) => sequenceNumber > 0)
      .sort((one, other) => other.uid - one.uid);
    const marked = [...this.#marked].filter((uid) => this.#view?.marksOf(uid) !== undefined);
    if (options.expunges && gone.length > 0) {
      this.#uids = this.#uids.filter((uid) => !this.#expunged.has(uid));
      for (const uid of gone) this.#recent.delete(uid);
      this.#expunged.clear();
    }
    const news = {
      expunged,
      arrived: arrived.length,
      marked: marked.filter((uid) => this.sequenceNumberOf(uid) > 0).sort((one, other) => one - other),
    };
    for (const uid of arrived) this.#uids.push(uid);
    this.#arrived = [];
    this.#marked.clear();
    if (this.#expunged.size === 0) this.#toldModSeq = this.view.highestModSeq;
    return news;
  }

  /** Listens to the view. */
  readonly take = (change: MailboxChange): void => {
    switch (change.kind) {
      case "arrived":
        for (const uid of change.uids) this.#arrived.push(uid);
        break;
      case "expunged":
        for (const uid of change.uids) this.#expunged.add(uid);
        break;
      case "marked":
        if (!change.own) for (const uid of change.uids) this.#marked.add(uid);
        break;
      case "keywords":
        this.#hasNewKeywords = true;
        this.#flagTexts.clear();
        this.#marksByName.clear();
        break;
      case "gone":
        this.#isGone = true;
    }
    this.#onChange();
  };
}
