import { inBatches } from "./in-parallel.ts";
import type { DescribedColumns, MessageKeys, OrderPart, Uid } from "./mailbox-view.ts";
import { type FactSources, learnMissing } from "./message-facts.ts";
import { makeKeys } from "./message-keys.ts";
import { namedAt } from "./message-name.ts";
import { NO_KEYS } from "./surroundings.ts";

/** Messages read together. */
const BATCH = 1024;

/** See `MailboxView.columns`. */
export async function* gatherColumns<Part extends OrderPart>(
  sources: FactSources,
  uids: Iterable<Uid>,
  parts: readonly Part[],
): AsyncGenerator<DescribedColumns<Part>> {
  for (const batch of inBatches(uids, BATCH)) {
    const columns: unknown[][] = parts.length === 0 ? [] : sources.descriptions.columns(batch, parts);
    const [first] = columns;
    if (first?.includes(undefined)) await addMissing(sources, { uids: batch, parts, columns });
    await learnMissing(sources, batch);
    yield withFacts(sources, { uids: batch, parts, columns });
  }
}

interface Batch<Part extends OrderPart> {
  readonly uids: readonly Uid[];
  readonly parts: readonly Part[];
  /** By part; undefined for a message that has no keys. */
  readonly columns: unknown[][];
}

async function addMissing<Part extends OrderPart>(
  sources: FactSources,
  { uids, parts, columns }: Batch<Part>,
): Promise<void> {
  const places = uids.flatMap((_, place) => (columns[0]?.[place] === undefined ? place : []));
  const missing = places.map((place) => uids[place] ?? 0);
  const made = new Map<Uid, MessageKeys>();
  for await (const some of makeKeys(sources, missing)) for (const [uid, keys] of some) made.set(uid, keys);
  // What was just made is cut out of headers: for as long as messages are ordered it would keep all of these in memory.
  const stored = sources.descriptions.columns(missing, parts);
  for (const [nth, place] of places.entries()) {
    const keys = made.get(missing[nth] ?? 0) ?? NO_KEYS; // who cannot be read has none
    for (const [at, part] of parts.entries()) {
      const key = stored[at]?.[nth];
      (columns[at] ?? [])[place] = key === undefined ? keys[part] : key;
    }
  }
}

/** Leaves out messages that are gone. */
function withFacts<Part extends OrderPart>(
  { state: { table } }: FactSources,
  { uids, parts, columns }: Batch<Part>,
): DescribedColumns<Part> {
  const places: number[] = [];
  const octets: number[] = [];
  const internalDates: number[] = [];
  for (let place = 0; place < uids.length; place += 1) {
    const position = table.positionOf(uids[place] ?? 0);
    if (position < 0) continue;
    places.push(place);
    octets.push(table.crlfOctetsAt(position) || 0);
    internalDates.push(table.internalDateAt(position) || (namedAt(table.rowAt(position).baseName) ?? 0));
  }
  const keep = <T>(column: readonly T[]): readonly T[] =>
    places.length === uids.length ? column : places.map((place) => column[place] as T);
  const kept = Object.fromEntries(parts.map((part, at) => [part, keep(columns[at] ?? [])]));
  return { uids: keep(uids), octets, internalDates, parts: kept as DescribedColumns<Part>["parts"] };
}
