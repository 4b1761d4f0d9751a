import type { GroupState, Instance, Tombstone } from "./group.ts";
import { statusOf } from "./group.ts";
import { type InstanceKey, instantKey } from "./instance-key.ts";
import type { Outcome } from "./outcome.ts";
import { type CalendarRecord, type EventContent, type Payload, type Person, stampOf } from "./record.ts";
import { type Comparison, compareVersions, isStaleAgainstMaster, type Versioned } from "./record-version.ts";
import { type Series, seriesOf } from "./series.ts";

const NEWER: Outcome = { outcome: "updated", reason: "newer" };
const STALE: Outcome = { outcome: "no_action", reason: "stale" };
const DUPLICATE: Outcome = { outcome: "no_action", reason: "duplicate" };
const HELD_CANCEL: Outcome = { outcome: "no_action", reason: "held-cancel" };
const ADDED_NEW: Outcome = { outcome: "added", reason: "new" };
const ADDED_ORPHAN: Outcome = { outcome: "added", reason: "orphan" };
const INSTANCE: Outcome = { outcome: "updated", reason: "instance" };
const INSTANCE_CANCELLED: Outcome = { outcome: "updated", reason: "instance-cancelled" };
const CANCELLED_SERIES: Outcome = { outcome: "cancelled", reason: "series" };
const LAST_INSTANCE: Outcome = { outcome: "cancelled", reason: "last-instance" };

type IsOwnAddress = (address: string) => boolean;

/**
 * The state of one UID while its payloads are applied one after the other: the tables A to D of the
 * calendar rules (RFC 5546 §3.2). `fold.ts` decides the order.
 */
export class Replay {
  #master: Versioned | undefined;
  #series: Series | undefined;
  #instances = new Map<string, Instance>();
  #tombstone: Tombstone | undefined;
  readonly #isOwn: IsOwnAddress;

  constructor(isOwn: IsOwnAddress) {
    this.#isOwn = isOwn;
  }

  get state(): GroupState {
    return { master: this.#master, instances: new Map(this.#instances), tombstone: this.#tombstone };
  }

  /** A second replay that starts where this one stands. */
  fork(): Replay {
    const copy = new Replay(this.#isOwn);
    copy.#master = this.#master;
    copy.#series = this.#series;
    copy.#instances = new Map(this.#instances);
    copy.#tombstone = this.#tombstone;
    return copy;
  }

  /** Applies one payload, its master first, and says what became of each of its records, in their order. */
  apply(payload: Payload): Outcome[] {
    const outcomes = new Map<CalendarRecord, Outcome>();
    const isMaster = (record: CalendarRecord) => record.recurrenceId === undefined && record.kind !== "add";
    const master = payload.records.find(isMaster);
    // Overrides that come with a stale master count only if they are later than the one we have (A5).
    let laterThan = Number.NEGATIVE_INFINITY;
    if (master !== undefined) {
      const outcome = this.#applyMaster({ record: master, payload });
      outcomes.set(master, outcome);
      if (outcome === STALE && this.#master !== undefined) laterThan = this.#master.record.stamp;
    }
    for (const record of payload.records) {
      if (record === master) continue;
      const isLate = record.stamp > laterThan;
      outcomes.set(record, isLate ? this.#applyInstance({ record, payload }) : STALE);
    }
    return payload.records.map((record) => outcomes.get(record) ?? STALE);
  }

  #applyMaster(incoming: Versioned): Outcome {
    return incoming.record.kind === "cancel" ? this.#cancelSeries(incoming) : this.#setMaster(incoming);
  }

  #applyInstance(incoming: Versioned): Outcome {
    const { kind } = incoming.record;
    if (kind === "add") return this.#addInstance(incoming);
    return kind === "cancel" ? this.#cancelInstance(incoming) : this.#setInstance(incoming);
  }

  // Table A: a REQUEST or PUBLISH with a master.

  #setMaster(incoming: Versioned): Outcome {
    if (this.#tombstone !== undefined) {
      if (!revives(incoming.record, this.#tombstone)) return STALE; // A8
      this.#tombstone = undefined; // A7
      this.#adopt(incoming);
      return ADDED_NEW;
    }
    if (this.#master === undefined) {
      const known = statusOf(this.state) === "LIVE";
      this.#adopt(incoming);
      return known ? NEWER : ADDED_NEW; // A6, A1
    }
    const comparison = compareVersions(incoming, this.#master);
    if (comparison === "newer" || comparison === "tie-break") this.#adopt(incoming); // A2, A4
    return outcomeOf(comparison, NEWER);
  }

  /** Takes a master, and decides what it leaves of the known overrides and cancelled instances (K1–K5). */
  #adopt(incoming: Versioned): void {
    const before = this.#master?.record.content;
    const after = incoming.record.content;
    if (after === undefined) return;
    const known = this.#instances;
    this.#master = incoming;
    this.#series = seriesOf(after, incoming.payload.zones);
    this.#instances = new Map();

    const { records } = incoming.payload;
    const isComplete = records.some((record) => record.recurrenceId !== undefined);
    const inPayload = new Set(records.map((record) => record.recurrenceId && this.#keyOf(record)));
    const isSameSchedule = before === undefined || !hasScheduleChanged(before, after);
    const stamp = stampOf(incoming.payload);
    for (const instance of known.values()) {
      const key = this.#keyOf(instance.versioned.record);
      const isLater = instance.versioned.record.stamp > stamp; // K1
      const isOccurrence = this.#series.set.isRecurring && this.#series.set.has(Number.parseFloat(key)); // K2
      const isKept = isLater || (isOccurrence && !isComplete && isSameSchedule); // K3, K4, K5
      // What is in the payload is judged on its own key afterwards.
      if (isKept || inPayload.has(key)) this.#instances.set(key, instance);
    }
  }

  // Table B: an override without its master.

  #setInstance(incoming: Versioned): Outcome {
    const { record } = incoming;
    const tombstone = this.#tombstone;
    if (tombstone !== undefined && this.#master === undefined) {
      const isInvitedAgain = record.stamp > tombstone.stamp && record.sequence >= tombstone.sequence;
      if (!isInvitedAgain) return STALE; // B8
    }
    const key = this.#keyOf(record);
    if (this.#isTheOnlyInstance(key)) return this.#setSingle(incoming); // B4
    const current = this.#instances.get(key);
    if (current !== undefined) {
      const comparison = compareVersions(incoming, current.versioned);
      const wins = comparison === "newer" || comparison === "tie-break";
      if (wins) this.#put(key, "override", incoming);
      return outcomeOf(comparison, INSTANCE); // B2, B6
    }
    if (this.#master !== undefined && isStaleAgainstMaster(record, this.#master.record)) return STALE; // B6
    this.#put(key, "override", incoming);
    return this.#isOccurrence(key) ? INSTANCE : ADDED_ORPHAN; // B2, B9; B1, B3, B5, B7
  }

  /** An override of an event that does not recur is a new version of that event. */
  #setSingle({ record, payload }: Versioned): Outcome {
    const versioned = { record: { ...record, recurrenceId: undefined }, payload };
    if (this.#master === undefined) return STALE;
    const comparison = compareVersions(versioned, this.#master);
    if (comparison === "newer" || comparison === "tie-break") this.#adopt(versioned);
    return outcomeOf(comparison, NEWER);
  }

  // Table C: a CANCEL.

  #cancelSeries(incoming: Versioned): Outcome {
    const { record } = incoming;
    if (this.#master === undefined && !this.#hasOrphans()) {
      const isHeld = this.#tombstone === undefined;
      this.#bury(incoming);
      return isHeld ? HELD_CANCEL : DUPLICATE; // C1, C11
    }
    const master = this.#master?.record;
    if (master !== undefined && !cancels(record, master)) return STALE; // C3
    if (this.#isAboutSomebodyElse(record, master)) return { outcome: "no_action", reason: "uninvite-other" }; // C4
    this.#bury(incoming);
    return CANCELLED_SERIES; // C2
  }

  #cancelInstance(incoming: Versioned): Outcome {
    const { record } = incoming;
    if (this.#master === undefined && this.#tombstone !== undefined && !this.#hasOrphans()) {
      this.#raise(this.#tombstone, record);
      return DUPLICATE; // C11
    }
    const key = this.#keyOf(record);
    const current = this.#instances.get(key);
    if (current !== undefined && compareForCancel(incoming, current.versioned) === "stale") return STALE;
    const master = this.#master?.record;
    if (current === undefined && master !== undefined && isStaleAgainstMaster(record, master)) return STALE;
    if (current?.kind === "cancelled") {
      this.#put(key, "cancelled", incoming);
      return DUPLICATE;
    }
    if (this.#isAboutSomebodyElse(record, current?.versioned.record ?? master)) {
      return { outcome: "no_action", reason: "uninvite-other" }; // C4
    }
    if (record.recurrenceId?.thisAndFuture === true && this.#series !== undefined)
      return this.#truncate(key, incoming);
    if (this.#isTheOnlyInstance(key)) return this.#cancelLast(incoming);
    const isKnown = current !== undefined || this.#isOccurrence(key);
    this.#put(key, "cancelled", incoming);
    if (!isKnown) return HELD_CANCEL; // C7
    return this.#isAnythingLeft() ? INSTANCE_CANCELLED : this.#cancelLast(incoming); // C5, C6, C8
  }

  #cancelLast(incoming: Versioned): Outcome {
    this.#bury(incoming);
    return LAST_INSTANCE;
  }

  /** RANGE=THISANDFUTURE: the series ends before that date (C9), or altogether (C10). */
  #truncate(key: string, incoming: Versioned): Outcome {
    const from = Number.parseFloat(key);
    const first = this.#series?.set.firstAtOrAfter(Number.NEGATIVE_INFINITY);
    if (first === undefined || from <= first) {
      this.#bury(incoming);
      return CANCELLED_SERIES;
    }
    for (const known of [...this.#instances.keys()]) {
      if (Number.parseFloat(known) >= from) this.#instances.delete(known);
    }
    this.#put(key, "cancelled", incoming);
    return { outcome: "updated", reason: "truncated" };
  }

  // Table D: ADD.

  #addInstance(incoming: Versioned): Outcome {
    const { record } = incoming;
    const key = this.#keyOf(record);
    if (this.#master === undefined || this.#series === undefined) return this.#setInstance(incoming); // D3, D5
    if (isStaleAgainstMaster(record, this.#master.record)) return STALE; // D4
    const isKnown = this.#isOccurrence(key) || this.#isTheOnlyInstance(key) || this.#instances.has(key);
    if (isKnown) return this.#setInstance(incoming); // D2
    this.#put(key, "added", incoming);
    return { outcome: "updated", reason: "add" }; // D1
  }

  // What the tables ask.

  #keyOf(record: CalendarRecord): string {
    const time = record.recurrenceId?.time ?? record.content?.start;
    if (time === undefined) return "";
    const zones = this.#master?.payload.zones ?? {};
    const key: InstanceKey = this.#series?.keyOf(time) ?? instantKey(time, zones);
    return record.recurrenceId?.thisAndFuture === true ? `${key}+` : String(key);
  }

  #put(key: string, kind: Instance["kind"], versioned: Versioned): void {
    const { recurrenceId, content } = versioned.record;
    const time = recurrenceId?.time ?? content?.start;
    if (time === undefined) return;
    this.#instances.set(key, { kind, time, thisAndFuture: recurrenceId?.thisAndFuture === true, versioned });
  }

  /** Whether the key is in S(M): ADDed dates count, what a truncation cut off does not. */
  #isOccurrence(key: string): boolean {
    if (this.#series === undefined) return false;
    const instant = Number.parseFloat(key);
    for (const [from, instance] of this.#instances) {
      const isCut =
        instance.kind === "cancelled" && instance.thisAndFuture && Number.parseFloat(from) <= instant;
      if (isCut) return false;
    }
    if (this.#instances.get(key)?.kind === "added") return true;
    return (this.#series.set.isRecurring || this.#hasAdded()) && this.#series.set.has(instant);
  }

  #hasAdded(): boolean {
    return [...this.#instances.values()].some((instance) => instance.kind === "added");
  }

  #isTheOnlyInstance(key: string): boolean {
    if (this.#series === undefined || this.#series.set.isRecurring || this.#hasAdded()) return false;
    return Number.parseFloat(key) === this.#series.keyOf(this.#series.start);
  }

  #hasOrphans(): boolean {
    return this.#master === undefined && statusOf(this.state) === "LIVE";
  }

  /** Whether any date is still to be seen: an override, or an occurrence that nobody cancelled. */
  #isAnythingLeft(): boolean {
    const instances = [...this.#instances.values()];
    if (instances.some((instance) => instance.kind !== "cancelled")) return true;
    if (this.#series === undefined) return false;
    let from = Number.NEGATIVE_INFINITY;
    // Each turn steps over one cancelled instance, so there are at most as many turns as instances.
    for (let turn = 0; turn <= instances.length; turn++) {
      const next = this.#series.set.firstAtOrAfter(from);
      if (next === undefined || !this.#isWithin(next)) return false;
      if (!this.#instances.has(String(next))) return true;
      from = next + 1;
    }
    return true;
  }

  #isWithin(instant: InstanceKey): boolean {
    return this.#isOccurrence(String(instant));
  }

  /** RFC 5546 §3.2.5: a CANCEL without STATUS may only remove the attendees it lists from those invited. */
  #isAboutSomebodyElse(cancel: CalendarRecord, known: CalendarRecord | undefined): boolean {
    const isOwn = (person: Person) => this.#isOwn(person.address);
    return (
      !cancel.statusCancelled &&
      cancel.attendees.length > 0 &&
      !cancel.attendees.some(isOwn) &&
      known?.attendees.some(isOwn) === true
    );
  }

  #bury(by: Versioned): void {
    const was =
      this.#master ?? [...this.#instances.values()].find(({ kind }) => kind !== "cancelled")?.versioned;
    const previous = this.#tombstone;
    this.#tombstone = {
      sequence: Math.max(by.record.sequence, previous?.sequence ?? 0),
      stamp: Math.max(by.record.stamp, previous?.stamp ?? Number.NEGATIVE_INFINITY),
      by: was === undefined && previous !== undefined ? previous.by : by,
      was: was ?? previous?.was,
    };
    this.#master = undefined;
    this.#series = undefined;
    this.#instances = new Map();
  }

  #raise(tombstone: Tombstone, { sequence, stamp }: CalendarRecord): void {
    this.#tombstone = {
      ...tombstone,
      sequence: Math.max(tombstone.sequence, sequence),
      stamp: Math.max(tombstone.stamp, stamp),
    };
  }
}

function outcomeOf(comparison: Comparison, newer: Outcome): Outcome {
  if (comparison === "newer") return newer;
  if (comparison === "tie-break") return { outcome: "updated", reason: "tie-break" };
  return comparison === "duplicate" ? DUPLICATE : STALE;
}

function revives(record: CalendarRecord, tombstone: Tombstone): boolean {
  return (
    record.sequence > tombstone.sequence ||
    (record.sequence === tombstone.sequence && record.stamp > tombstone.stamp)
  );
}

/** Equal SEQUENCE applies: the RFC wants it raised (RFC 5546 §2.1.4), many senders do not. */
function cancels(cancel: CalendarRecord, master: CalendarRecord): boolean {
  if (!cancel.sequenceKnown) return cancel.stamp >= master.stamp;
  if (cancel.sequence !== master.sequence) return cancel.sequence > master.sequence;
  return cancel.stamp >= master.stamp;
}

/** A CANCEL wins a tie against what it cancels. */
function compareForCancel(cancel: Versioned, current: Versioned): Comparison {
  if (current.record.kind === "cancel") return compareVersions(cancel, current);
  return cancels(cancel.record, current.record) ? "newer" : "stale";
}

/** Moving the first date or the end of a series keeps its other dates; anything else here does not. */
function hasScheduleChanged(before: EventContent, after: EventContent): boolean {
  return scheduleOf(before) !== scheduleOf(after);
}

function scheduleOf({ start, end, rule, dates }: EventContent): string {
  const timeOfDay = start.kind === "date" ? "" : start.wall - 86_400 * Math.floor(start.wall / 86_400);
  const zone = start.kind === "date" ? "" : start.zone;
  return JSON.stringify([
    start.kind,
    zone,
    timeOfDay,
    durationOf(start, end),
    rule && { ...rule, until: undefined, count: undefined },
    dates,
  ]);
}

function durationOf(start: EventContent["start"], end: EventContent["end"]): number {
  if (end === undefined || start.kind !== end.kind) return 0;
  if (start.kind === "date" && end.kind === "date") return end.day - start.day;
  return start.kind === "date-time" && end.kind === "date-time" ? end.wall - start.wall : 0;
}
