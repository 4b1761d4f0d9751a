import { SECONDS_PER_DAY } from "../icalendar/icalendar.ts";
import { type Instance, statusOf } from "./group.ts";
import type { GroupDraft } from "./group-draft.ts";
import { added, noAction, type Outcome, updated } from "./outcome.ts";
import { type CalendarRecord, type EventContent, isAboutMaster, stampOf } from "./record.ts";
import { type Comparison, compareVersions, type Versioned } from "./record-version.ts";

export interface MasterOutcome {
  readonly outcome: Outcome;
  /** What is known of single dates and newer than this master: to be applied again, now that it is there (K1). */
  readonly later: readonly Versioned[];
}

/** Table A: a REQUEST or PUBLISH with a master (RFC 5546 §3.2.1, §3.2.2). */
export function setMaster(draft: GroupDraft, incoming: Versioned): MasterOutcome {
  const { tombstone } = draft;
  if (tombstone !== undefined) {
    const { sequence, stamp } = incoming.record;
    const revives =
      sequence > tombstone.sequence || (sequence === tombstone.sequence && stamp > tombstone.stamp);
    if (!revives) return { outcome: noAction("stale"), later: [] }; // A8
    return { outcome: added("new"), later: adopt(draft, incoming) }; // A7
  }
  if (draft.master === undefined) {
    const isKnown = statusOf(draft) === "LIVE";
    return { outcome: isKnown ? updated("newer") : added("new"), later: adopt(draft, incoming) }; // A6, A1
  }
  const comparison = compareVersions(incoming, draft.master);
  const wins = comparison === "newer" || comparison === "tie-break";
  return { outcome: outcomeOf(comparison, updated("newer")), later: wins ? adopt(draft, incoming) : [] }; // A2–A5
}

/** What a comparison of versions means for the log; `newer` is said of what is newer. */
export function outcomeOf(comparison: Comparison, newer: Outcome): Outcome {
  if (comparison === "newer") return newer;
  return comparison === "tie-break" ? updated("tie-break") : noAction(comparison);
}

/** Takes a master, and decides what it leaves of the known overrides and cancelled dates (K1–K5). */
function adopt(draft: GroupDraft, incoming: Versioned): Versioned[] {
  const { record, payload } = incoming;
  const before = draft.master?.record.content;
  const isSameSchedule =
    before === undefined || record.content === undefined || scheduleOf(before) === scheduleOf(record.content);
  const known = [...draft.instances.values()];
  const stamp = stampOf(payload);
  draft.replaceMaster(incoming);

  const companions = payload.records.filter((other) => other !== record && !isAboutMaster(other));
  const inPayload = new Set(companions.map((other) => draft.keyOf(other, payload.zones)));
  const later: Versioned[] = [];
  for (const instance of known) {
    const { versioned } = instance;
    const key = draft.keyOf(versioned.record, versioned.payload.zones);
    const isLater = versioned.record.stamp > stamp;
    // What is in the payload is judged on its own key afterwards.
    if (inPayload.has(key)) draft.keep(key, instance);
    else if (isLater)
      later.push(versioned); // K1
    else if (isDateOf(draft, instance, key) && companions.length === 0 && isSameSchedule) {
      draft.keep(key, instance); // K5, if neither K2, K3 nor K4
    }
  }
  return later;
}

/** K2: what is no date of the series any more is forgotten. When it ends, the newest rule says. */
function isDateOf(draft: GroupDraft, { kind, thisAndFuture }: Instance, key: string): boolean {
  const isEnd = kind === "cancelled" && thisAndFuture;
  return !isEnd && draft.isOccurrence(String(Number.parseFloat(key)));
}

/** Moving the first date or the end of a series keeps its other dates; any change here does not. */
function scheduleOf({ start, end, rule, dates, periods }: EventContent): string {
  return JSON.stringify([
    start.kind,
    start.kind === "date" ? "" : start.zone,
    start.kind === "date" ? 0 : start.wall - SECONDS_PER_DAY * Math.floor(start.wall / SECONDS_PER_DAY),
    durationOf(start, end),
    rule && { ...rule, until: undefined, count: undefined },
    dates,
    periods,
  ]);
}

function durationOf(start: EventContent["start"], end: EventContent["end"]): number {
  if (start.kind === "date" && end?.kind === "date") return end.day - start.day;
  return start.kind === "date-time" && end?.kind === "date-time" ? end.wall - start.wall : 0;
}

/** Whether what a record says of one date is too old for the master that is there. */
export function isStaleForMaster(
  draft: GroupDraft,
  record: CalendarRecord,
  payload: Versioned["payload"],
): boolean {
  const { master } = draft;
  // What came with the master belongs to it, however its SEQUENCE counts.
  if (master === undefined || master.payload === payload) return false;
  return record.sequence < master.record.sequence && record.stamp <= master.record.stamp;
}
