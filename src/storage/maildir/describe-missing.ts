import { inBatches } from "./in-parallel.ts";
import type { Uid } from "./mailbox-view.ts";
import type { FactSources } from "./message-facts.ts";
import { makeKeys } from "./message-keys.ts";

/** So many are described at a time: others shall not wait. */
const FEW = 32;

/** Messages looked up together in the index, when all that is asked is whether they are there. */
const LOOKUP_BATCH = 4096;

/** How to do what nobody waits for. */
export interface Leisure {
  /** Resolves when others have nothing to do. */
  readonly calm: () => Promise<void>;
  /** Whether to leave it. */
  readonly isEnough: () => boolean;
}

/** Describes what is not described and makes the keys that are not there, of some messages at a time. */
export async function describeMissing(sources: FactSources, { calm, isEnough }: Leisure): Promise<void> {
  const missing: Uid[] = [];
  for (const batch of inBatches(sources.state.table.columns.uids.slice(), LOOKUP_BATCH)) {
    await calm();
    if (isEnough()) return;
    missing.push(...withoutKeys(sources, batch));
  }
  for (const batch of inBatches(missing, FEW)) {
    await calm();
    if (isEnough()) return;
    try {
      const left = withoutKeys(sources, batch); // somebody may have asked for them meanwhile
      for await (const _ of makeKeys(sources, left));
    } catch {
      // For want of descriptors, say. Who asks for a description hears of it.
    }
  }
}

function withoutKeys({ descriptions }: FactSources, uids: readonly Uid[]): Uid[] {
  const [sentAt = []] = descriptions.columns(uids, ["sentAt"]);
  return uids.filter((_, nth) => sentAt[nth] === undefined);
}
