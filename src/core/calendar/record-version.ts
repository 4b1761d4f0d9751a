import type { CalendarRecord, Payload } from "./record.ts";

/** A record together with the payload it came in, which breaks ties. */
export interface Versioned {
  readonly record: CalendarRecord;
  readonly payload: Payload;
}

/** How an incoming record stands to the one that is there, for the same master or instance. */
export type Comparison = "newer" | "tie-break" | "duplicate" | "stale";

/**
 * A higher SEQUENCE wins; at the same SEQUENCE the later DTSTAMP wins (RFC 5546 §2.1.5). When both are
 * equal but the content is not, a CANCEL wins, then LAST-MODIFIED decides, then the better carrier, then the
 * later message, then the digest, so that one of the two wins whichever came first.
 */
export function compareVersions(incoming: Versioned, current: Versioned): Comparison {
  const [a, b] = [incoming.record, current.record];
  // A CANCEL without SEQUENCE says nothing about order but its stamp.
  const sequencesCount = a.kind !== "cancel" || a.sequenceKnown;
  if (sequencesCount && a.sequence !== b.sequence) return a.sequence > b.sequence ? "newer" : "stale";
  if (a.stamp !== b.stamp) return a.stamp > b.stamp ? "newer" : "stale";
  if (a.digest === b.digest) return "duplicate";
  return winsTie(incoming, current) ? "tie-break" : "stale";
}

function winsTie(incoming: Versioned, current: Versioned): boolean {
  const [a, b] = [incoming.record, current.record];
  if ((a.kind === "cancel") !== (b.kind === "cancel")) return a.kind === "cancel";
  const modified = (a.lastModified ?? 0) - (b.lastModified ?? 0);
  if (modified !== 0) return modified > 0;
  const rank = current.payload.rank - incoming.payload.rank;
  if (rank !== 0) return rank > 0;
  const sent = incoming.payload.messageDate - current.payload.messageDate;
  if (sent !== 0) return sent > 0;
  return a.digest > b.digest;
}
