import { isStaleForMaster } from "./apply-master.ts";
import type { GroupDraft } from "./group-draft.ts";
import { cancelled, noAction, type Outcome, updated } from "./outcome.ts";
import type { IsOwnAddress } from "./person.ts";
import type { CalendarRecord, Person } from "./record.ts";
import { compareVersions, type Versioned } from "./record-version.ts";

/** Table C for a whole event: METHOD:CANCEL or STATUS:CANCELLED (RFC 5546 §3.2.5). */
export function cancelSeries(draft: GroupDraft, incoming: Versioned, isOwn: IsOwnAddress): Outcome {
  const { record } = incoming;
  if (draft.master === undefined && !draft.hasOrphansOnly) return cancelNothing(draft, incoming);
  const known = draft.master ?? draft.instances.values().find(({ kind }) => kind === "override")?.versioned;
  if (draft.master !== undefined && !isNewEnough(record, draft.master.record)) return noAction("stale"); // C3
  if (isAboutSomebodyElse(record, known?.record, isOwn)) return noAction("uninvite-other"); // C4
  draft.bury(incoming);
  return cancelled("series"); // C2
}

/** The event may still come (C1), or is cancelled already (C11). */
function cancelNothing(draft: GroupDraft, incoming: Versioned): Outcome {
  if (draft.tombstone !== undefined) {
    draft.raiseTombstone(incoming.record);
    return noAction("duplicate");
  }
  draft.bury(incoming);
  return noAction("held-cancel");
}

/** Table C for one date, or for all dates from one on. Never touches the rest of the series. */
export function cancelInstance(draft: GroupDraft, incoming: Versioned, isOwn: IsOwnAddress): Outcome {
  const { record, payload } = incoming;
  // C11. The tombstone stays as it is: SEQUENCE numbers of a date and of its series need not be related.
  const isBuried = draft.master === undefined && draft.tombstone !== undefined && !draft.hasOrphansOnly;
  if (isBuried) return noAction("duplicate");
  const key = draft.keyOf(record, payload.zones);
  const current = draft.instances.get(key);
  if (isStaleForMaster(draft, record, payload)) return noAction("stale");
  if (current?.kind === "cancelled") {
    const comparison = compareVersions(incoming, current.versioned);
    if (comparison === "newer" || comparison === "tie-break") draft.put(key, "cancelled", incoming);
    return noAction(comparison === "stale" ? "stale" : "duplicate");
  }
  if (current !== undefined && !isNewEnough(record, current.versioned.record)) return noAction("stale");
  const known = current?.versioned.record ?? draft.master?.record;
  if (isAboutSomebodyElse(record, known, isOwn)) return noAction("uninvite-other"); // C4

  if (record.recurrenceId?.thisAndFuture === true) return truncate(draft, key, incoming);
  const isSeen =
    current !== undefined ||
    draft.isOccurrence(key) ||
    draft.isOnlyInstance(key) ||
    draft.instances.get(`${key}+`)?.kind === "override";
  draft.put(key, "cancelled", incoming);
  if (!isSeen) return noAction("held-cancel"); // C7
  return unlessNothingIsLeft(draft, incoming, updated("instance-cancelled")); // C5, C6
}

/** RANGE=THISANDFUTURE: the series ends before that date (C9), or altogether (C10). */
function truncate(draft: GroupDraft, key: string, incoming: Versioned): Outcome {
  const from = Number.parseFloat(key);
  if (draft.firstInstance !== undefined && from <= draft.firstInstance) {
    draft.bury(incoming);
    return cancelled("series");
  }
  const isSeen = draft.isAnythingLeft(from);
  const isTold = draft.forgetFrom(from);
  draft.put(key, "cancelled", incoming);
  return isSeen || isTold
    ? unlessNothingIsLeft(draft, incoming, updated("truncated"))
    : noAction("held-cancel");
}

/** C8: with the last date the event itself is cancelled. */
function unlessNothingIsLeft(draft: GroupDraft, by: Versioned, outcome: Outcome): Outcome {
  if (draft.isAnythingLeft()) return outcome;
  draft.bury(by);
  return cancelled("last-instance");
}

/** An equal SEQUENCE will do: the RFC wants it raised (RFC 5546 §2.1.4), many senders do not. */
function isNewEnough(cancel: CalendarRecord, current: CalendarRecord): boolean {
  if (cancel.sequenceKnown && cancel.sequence !== current.sequence) return cancel.sequence > current.sequence;
  return cancel.stamp >= current.stamp;
}

/** RFC 5546 §3.2.5: a CANCEL without STATUS may only remove the attendees it lists from those invited. */
function isAboutSomebodyElse(
  cancel: CalendarRecord,
  known: CalendarRecord | undefined,
  isOwnAddress: IsOwnAddress,
): boolean {
  const isOwn = (person: Person) => isOwnAddress(person.address);
  return (
    !cancel.statusCancelled &&
    cancel.attendees.length > 0 &&
    !cancel.attendees.some(isOwn) &&
    known?.attendees.some(isOwn) === true
  );
}
