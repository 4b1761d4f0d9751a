import type { ZoneDefinitions } from "../icalendar/icalendar.ts";
import { type GroupState, hasOverride, type Instance, type Tombstone } from "./group.ts";
import { type InstanceKey, instantKey } from "./instance-key.ts";
import type { CalendarRecord, EventContent } from "./record.ts";
import type { Versioned } from "./record-version.ts";
import { instanceContent } from "./segment-content.ts";
import { type Series, seriesOf, startingAt } from "./series.ts";

/** What is known of an event, or of one date of it. */
export interface Known {
  readonly content: EventContent;
  /** Whose words these are; of a date without news of its own, the master. */
  readonly record: CalendarRecord;
}

/** The state of one UID while payloads are applied to it, and what the tables ask of it. */
export class GroupDraft implements GroupState {
  #master: Versioned | undefined;
  #series: Series | undefined;
  #instances = new Map<string, Instance>();
  #tombstone: Tombstone | undefined;

  get master(): Versioned | undefined {
    return this.#master;
  }

  get instances(): ReadonlyMap<string, Instance> {
    return this.#instances;
  }

  get tombstone(): Tombstone | undefined {
    return this.#tombstone;
  }

  /** A second draft that starts where this one stands. */
  fork(): GroupDraft {
    const copy = new GroupDraft();
    copy.#master = this.#master;
    copy.#series = this.#series;
    copy.#instances = new Map(this.#instances);
    copy.#tombstone = this.#tombstone;
    return copy;
  }

  /** The key of what a record is about, in terms of the master if there is one. */
  keyOf({ recurrenceId, content }: CalendarRecord, zones: ZoneDefinitions): string {
    const time = recurrenceId?.time ?? content?.start;
    if (time === undefined) return "";
    const key: InstanceKey = this.#series?.keyOf(time, zones) ?? instantKey(time, zones);
    return recurrenceId?.thisAndFuture === true ? `${key}+` : String(key);
  }

  /** What is known of a date; nothing of one that is cancelled, or of no date. */
  known(key: string): Known | undefined {
    const instance = this.#instances.get(key);
    const record = instance?.versioned.record ?? this.#master?.record;
    const content = record?.content;
    if (record === undefined || content === undefined || instance?.kind === "cancelled") return undefined;
    if (instance !== undefined) return { record, content };
    if (this.#series === undefined || !(this.isOccurrence(key) || this.isOnlyInstance(key))) return undefined;
    const ofDate = startingAt(Number.parseFloat(key), content, this.#series);
    return { record, content: instanceContent(ofDate) };
  }

  /** Takes a master, and forgets every instance. */
  replaceMaster(master: Versioned): void {
    const { content } = master.record;
    if (content === undefined) throw new Error("Cannot take a master that has no content");
    this.#master = master;
    this.#series = seriesOf(content, master.payload.zones);
    this.#instances = new Map();
    this.#tombstone = undefined;
  }

  keep(key: string, instance: Instance): void {
    this.#instances.set(key, instance);
  }

  /** Sets what is known of a date. That it was ADDed stays true whatever is said about it later. */
  put(key: string, kind: Instance["kind"], versioned: Versioned): void {
    const { recurrenceId, content } = versioned.record;
    const time = recurrenceId?.time ?? content?.start;
    if (time === undefined) return;
    const isAdded = this.#instances.get(key)?.isAdded ?? false;
    const thisAndFuture = recurrenceId?.thisAndFuture === true;
    this.#instances.set(key, { kind, isAdded, time, thisAndFuture, versioned });
  }

  /** Sets a date that the master does not name. */
  putAdded(key: string, versioned: Versioned): void {
    this.put(key, "override", versioned);
    const instance = this.#instances.get(key);
    if (instance !== undefined) this.#instances.set(key, { ...instance, isAdded: true });
  }

  forget(key: string): void {
    this.#instances.delete(key);
  }

  /** Forgets what is known of dates at or after `from`; says whether anything was. */
  forgetFrom(from: InstanceKey): boolean {
    const keys = [...this.#instances.keys()].filter((key) => Number.parseFloat(key) >= from);
    for (const key of keys) this.#instances.delete(key);
    return keys.length > 0;
  }

  /** Ends everything, remembering what did it. */
  bury(by: Versioned): void {
    const was = this.#master ?? this.#instances.values().find(({ kind }) => kind === "override")?.versioned;
    const { sequence, stamp } = by.record;
    this.#tombstone = { sequence, stamp, by, was: was ?? this.#tombstone?.was };
    this.#master = undefined;
    this.#series = undefined;
    this.#instances = new Map();
  }

  /** A newer cancellation of what is cancelled: less will bring it back. */
  raiseTombstone({ sequence, stamp, sequenceKnown }: CalendarRecord): void {
    const known = this.#tombstone;
    if (known === undefined) return;
    const raised = sequenceKnown ? Math.max(sequence, known.sequence) : known.sequence;
    const isNewer =
      raised > known.sequence || (stamp > known.stamp && (!sequenceKnown || sequence === raised));
    if (isNewer) this.#tombstone = { ...known, sequence: raised, stamp };
  }

  /** Whether dates are known, but not the series that they belong to. */
  get hasOrphansOnly(): boolean {
    return this.#master === undefined && hasOverride(this.#instances);
  }

  /**
   * Whether the key is in the recurrence set: ADDed dates count, what a truncation cut off does not.
   * Cancelled dates are in the set; the master's own EXDATEs are not.
   */
  isOccurrence(key: string): boolean {
    if (this.#series === undefined || this.#isCutOff(Number.parseFloat(key))) return false;
    if (this.#instances.get(key)?.isAdded === true) return true;
    return this.#isRecurring && this.#series.set.has(Number.parseFloat(key));
  }

  /** Whether the key is that of an event that does not recur. */
  isOnlyInstance(key: string): boolean {
    if (this.#series === undefined || this.#isRecurring) return false;
    return key === String(this.#series.keyOfStart);
  }

  get firstInstance(): InstanceKey | undefined {
    return this.#series?.set.firstAtOrAfter(Number.NEGATIVE_INFINITY);
  }

  /** Whether any date at or after `from` is still to be seen: an override, or one that nobody cancelled. */
  isAnythingLeft(from: InstanceKey = Number.NEGATIVE_INFINITY): boolean {
    for (const [key, { kind }] of this.#instances) {
      if (kind === "override" && Number.parseFloat(key) >= from) return true;
    }
    let next = this.#series?.set.firstAtOrAfter(from);
    // Each turn steps over one cancelled date, so there are at most as many turns as instances.
    while (next !== undefined && !this.#isCutOff(next)) {
      if (this.#instances.get(String(next))?.kind !== "cancelled") return true;
      next = this.#series?.set.firstAtOrAfter(next + 1);
    }
    return false;
  }

  get #isRecurring(): boolean {
    const isRecurring = this.#series?.set.isRecurring ?? false;
    return isRecurring || this.#instances.values().some(({ isAdded }) => isAdded);
  }

  #isCutOff(key: InstanceKey): boolean {
    return this.#instances
      .entries()
      .some(
        ([from, { kind, thisAndFuture }]) =>
          kind === "cancelled" && thisAndFuture && key >= Number.parseFloat(from),
      );
  }
}
