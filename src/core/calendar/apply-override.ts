import { isStaleForMaster, outcomeOf, setMaster } from "./apply-master.ts";
import type { GroupDraft } from "./group-draft.ts";
import { added, noAction, type Outcome, updated } from "./outcome.ts";
import { compareVersions, type Versioned } from "./record-version.ts";

/** Table B: one date of a series, without its master. Touches neither the master nor any other date. */
export function setOverride(draft: GroupDraft, incoming: Versioned): Outcome {
  const { record, payload } = incoming;
  if (draft.master === undefined && !isInvitedAgain(draft, incoming)) return noAction("stale"); // B8
  const key = draft.keyOf(record, payload.zones);
  // An override of an event that does not recur is a new version of that event (B4).
  if (draft.isOnlyInstance(key)) return setMaster(draft, incoming).outcome;
  if (isStaleForMaster(draft, record, payload)) return noAction("stale"); // B6
  const current = draft.instances.get(key);
  const comparison = current === undefined ? "newer" : compareVersions(incoming, current.versioned);
  if (comparison === "newer" || comparison === "tie-break") {
    draft.put(key, "override", incoming);
    if (record.recurrenceId?.thisAndFuture === true)
      forgetOlder(draft, String(Number.parseFloat(key)), incoming);
  }
  // B1, B3, B5, B7; B2, B9
  return outcomeOf(comparison, draft.isOccurrence(key) ? updated("instance") : added("orphan"));
}

/** What changes a date and all later ones replaces what was said of that date alone before. */
function forgetOlder(draft: GroupDraft, key: string, incoming: Versioned): void {
  const single = draft.instances.get(key);
  if (single !== undefined && compareVersions(incoming, single.versioned) === "newer") draft.forget(key);
}

/** After a cancellation only something newer is shown again (B7). */
function isInvitedAgain({ tombstone }: GroupDraft, { record }: Versioned): boolean {
  if (tombstone === undefined) return true;
  return record.stamp > tombstone.stamp && record.sequence >= tombstone.sequence;
}

/** Table D: METHOD:ADD, a date more (RFC 5546 §3.2.4). */
export function addInstance(draft: GroupDraft, incoming: Versioned): Outcome {
  const { record, payload } = incoming;
  const key = draft.keyOf(record, payload.zones);
  const isKnown = draft.isOccurrence(key) || draft.isOnlyInstance(key);
  if (draft.master === undefined || isKnown) return setOverride(draft, incoming); // D2, D3, D5
  if (isStaleForMaster(draft, record, payload)) return noAction("stale"); // D4
  const current = draft.instances.get(key);
  const comparison = current === undefined ? "newer" : compareVersions(incoming, current.versioned);
  if (comparison !== "newer" && comparison !== "tie-break") return noAction(comparison);
  draft.putAdded(key, incoming);
  return updated("add"); // D1
}
