import type { CalendarTime, Instant } from "../icalendar/icalendar.ts";
import type { Versioned } from "./record-version.ts";

/** One date of a series about which we were told something of its own. */
export interface Instance {
  readonly kind: "override" | "cancelled";
  /** The date came by METHOD:ADD and counts as an RDATE of the master (RFC 5546 §3.2.4). */
  readonly isAdded: boolean;
  /** RECURRENCE-ID, or DTSTART of an ADD, as it was received. */
  readonly time: CalendarTime;
  /** RANGE=THISANDFUTURE (RFC 5545 §3.2.13). */
  readonly thisAndFuture: boolean;
  readonly versioned: Versioned;
}

/** The memory of a cancelled series: only something newer brings it back. */
export interface Tombstone {
  readonly sequence: number;
  readonly stamp: Instant;
  /** What cancelled it, and what it was before; shown when it was the last event of the feed. */
  readonly by: Versioned;
  readonly was: Versioned | undefined;
}

/** The state of everything known for one UID: the result of folding its payloads. */
export interface GroupState {
  readonly master: Versioned | undefined;
  /** By key: the instant in seconds (or day × 86400), with `+` for THISANDFUTURE. */
  readonly instances: ReadonlyMap<string, Instance>;
  readonly tombstone: Tombstone | undefined;
}

/** LIVE: something is to be seen. CANCELLED: something was. ABSENT: cancellations of what we never saw. */
export function statusOf(state: GroupState): "ABSENT" | "LIVE" | "CANCELLED" {
  if (state.master !== undefined || hasOverride(state.instances)) return "LIVE";
  return state.tombstone === undefined ? "ABSENT" : "CANCELLED";
}

export function hasOverride(instances: GroupState["instances"]): boolean {
  return instances.values().some(({ kind }) => kind === "override");
}
