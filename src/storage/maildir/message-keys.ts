import { setImmediate as nextTurn } from "node:timers/promises";
import { HAS_NO_KEYS, IS_UNKNOWN } from "./description-store.ts";
import type { DaySearch, DescriptionParts, MessageKeys, TextSearch, Uid } from "./mailbox-view.ts";
import { type FactSources, gatherDescriptions } from "./message-facts.ts";

/** So many messages in a turn, when nobody waits for their keys. */
const FEW = 32;

/** Others get their turn after headers of so many octets: it is those of hostile mail that take long. */
const HEADER_OCTETS_PER_TURN = 64 * 1024;

/** Makes the keys of messages and puts them into the index: of their descriptions where there are any, else by threads. */
export async function* makeKeys(
  sources: FactSources,
  uids: Iterable<Uid>,
): AsyncGenerator<ReadonlyMap<Uid, MessageKeys>> {
  const { describer } = sources.site.world;
  const byThreads = new Map<Uid, MessageKeys>();
  for await (const batch of gatherDescriptions(sources, uids, ["header"], byThreads)) {
    const made = new Map<Uid, MessageKeys>();
    let octets = 0;
    for (const { uid, description } of batch) {
      const { header } = description;
      const known = byThreads.get(uid);
      made.set(uid, known ?? describer.keysOf(header));
      byThreads.delete(uid);
      octets += known === undefined ? header.length : 0;
      if (octets < HEADER_OCTETS_PER_TURN) continue;
      await nextTurn();
      octets = 0;
    }
    sources.descriptions.putKeys(made);
    yield made;
    await nextTurn(); // where all was in the index, nobody else had one
  }
}

/** Makes the keys of messages for which nobody waits and puts them into the index, a few in each turn. */
export async function makeKeysBehind(
  { descriptions, site }: FactSources,
  described: ReadonlyMap<Uid, DescriptionParts>,
): Promise<void> {
  let made = new Map<Uid, MessageKeys>();
  let octets = 0;
  await nextTurn();
  for (const [uid, { header }] of described) {
    made.set(uid, site.world.describer.keysOf(header));
    octets += header.length;
    if (made.size < FEW && octets < HEADER_OCTETS_PER_TURN) continue;
    descriptions.putKeys(made);
    made = new Map();
    octets = 0;
    await nextTurn();
  }
  if (made.size > 0) descriptions.putKeys(made);
}

/** See `MailboxView.find`. Keys that are not there are made before. */
export async function findByKeys(
  sources: FactSources,
  uids: readonly Uid[],
  search: TextSearch | DaySearch,
): Promise<Uint8Array> {
  const found = sources.descriptions.find(uids, search);
  if (!found.includes(HAS_NO_KEYS)) return found;
  const missing = uids.filter((_, nth) => found[nth] === HAS_NO_KEYS);
  for await (const _ of makeKeys(sources, missing));
  return sources.descriptions.find(uids, search).map((each) => (each === HAS_NO_KEYS ? IS_UNKNOWN : each));
}
