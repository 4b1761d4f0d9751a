import type { Outcome } from "./outcome.ts";
import type { RefusedComponent } from "./read-payloads.ts";
import { type CalendarRecord, keyOfRecord, type Payload } from "./record.ts";

const LOWER_RANKED: Outcome = { outcome: "no_action", reason: "lower-ranked-carrier" };

/**
 * Of the copies of one event that a message carries, keeps the newest of each instance, and of equal ones
 * that of the best carrier: Google sends an invitation as an alternative of the text and as a file.
 */
export function selectCarriers(payloads: readonly Payload[]): {
  payloads: Payload[];
  refused: RefusedComponent[];
} {
  const best = new Map<string, { record: CalendarRecord; rank: number }>();
  for (const { uidKey, records, rank, zones } of payloads) {
    for (const record of records) {
      const key = `${keyOfRecord(record, zones)} ${uidKey}`;
      const known = best.get(key);
      if (known === undefined || isBetter({ record, rank }, known)) best.set(key, { record, rank });
    }
  }
  const chosen = new Set([...best.values()].map(({ record }) => record));
  const refused = payloads.flatMap(({ uid, records }) =>
    records.filter((record) => !chosen.has(record)).map(() => ({ uid, outcome: LOWER_RANKED })),
  );
  const remaining = payloads
    .map((payload) => ({ ...payload, records: payload.records.filter((record) => chosen.has(record)) }))
    .filter(({ records }) => records.length > 0);
  return { payloads: remaining, refused };
}

interface Candidate {
  readonly record: CalendarRecord;
  readonly rank: number;
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.record.sequence !== b.record.sequence) return a.record.sequence > b.record.sequence;
  if (a.record.stamp !== b.record.stamp) return a.record.stamp > b.record.stamp;
  return a.rank < b.rank;
}
