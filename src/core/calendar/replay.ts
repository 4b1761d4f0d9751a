import { cancelInstance, cancelSeries } from "./apply-cancel.ts";
import { setMaster } from "./apply-master.ts";
import { addInstance, setOverride } from "./apply-override.ts";
import type { GroupDraft } from "./group-draft.ts";
import { noAction, type Outcome } from "./outcome.ts";
import type { IsOwnAddress } from "./person.ts";
import { type CalendarRecord, isAboutMaster, type Payload } from "./record.ts";
import type { Versioned } from "./record-version.ts";

/**
 * Applies one payload to what was known before, its master first, and says what became of each of its
 * records, in their order (RFC 5546 §3.2). `fold.ts` decides the order of payloads.
 */
export function applyPayload(draft: GroupDraft, payload: Payload, isOwn: IsOwnAddress): Outcome[] {
  const outcomes = new Map<CalendarRecord, Outcome>();
  const master = payload.records.find(isAboutMaster);
  let later: readonly Versioned[] = [];
  if (master?.kind === "cancel") {
    outcomes.set(master, cancelSeries(draft, { record: master, payload }, isOwn));
  } else if (master !== undefined) {
    const result = setMaster(draft, { record: master, payload });
    outcomes.set(master, result.outcome);
    later = result.later;
  }
  // Overrides that come with a stale master count only if they are later than the master that is there (A5).
  const isMasterStale = master?.kind === "set" && outcomes.get(master)?.reason === "stale";
  const earliest = isMasterStale ? (draft.master?.record.stamp ?? Number.NEGATIVE_INFINITY) : undefined;
  for (const record of payload.records) {
    if (record === master) continue;
    const isLate = earliest === undefined || record.stamp > earliest;
    outcomes.set(record, isLate ? applyInstance(draft, { record, payload }, isOwn) : noAction("stale"));
  }
  for (const versioned of later) applyInstance(draft, versioned, isOwn);
  return payload.records.map((record) => outcomes.get(record) ?? noAction("stale"));
}

function applyInstance(draft: GroupDraft, incoming: Versioned, isOwn: IsOwnAddress): Outcome {
  const { kind } = incoming.record;
  if (kind === "cancel") return cancelInstance(draft, incoming, isOwn);
  return kind === "add" ? addInstance(draft, incoming) : setOverride(draft, incoming);
}
