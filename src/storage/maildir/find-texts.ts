import { inBatches, workAhead } from "./in-parallel.ts";
import type { FoundTexts, SoughtText, Uid } from "./mailbox-view.ts";
import { describeOpened, learn, type MessageSources, MIN_BATCH, placesOf } from "./open-each.ts";
import { findIn } from "./sought-text.ts";

/** Messages searched together. */
const BATCH = 32;

/** With many texts to look for, fewer messages at a time: nobody shall wait long for a thread. */
const MAX_COMPARISONS = 256;

/** So many batches are with the threads while one is looked at: more than they are given at a time. */
const AHEAD = 4;

/** `MailboxView.findTexts`: small messages are searched by threads, others and what the threads could not read here. */
export async function* findTexts(
  sources: MessageSources,
  uids: Iterable<Uid>,
  texts: readonly SoughtText[],
): AsyncGenerator<FoundTexts> {
  const size = Math.max(MIN_BATCH, Math.min(BATCH, Math.floor(MAX_COMPARISONS / texts.length)));
  const find = async (batch: readonly Uid[]) => [batch, await findInSmall(sources, batch, texts)] as const;
  for await (const [batch, found] of workAhead(inBatches(uids, size), AHEAD, find)) {
    for (const uid of batch) {
      const areFound = found.get(uid) ?? (await findInOne(sources, uid, texts));
      if (areFound !== undefined) yield { uid, areFound };
    }
  }
}

/** Does not fail. */
async function findInSmall(
  sources: MessageSources,
  uids: readonly Uid[],
  texts: readonly SoughtText[],
): Promise<Map<Uid, readonly boolean[]>> {
  const found = new Map<Uid, readonly boolean[]>();
  const { world, smallFiles } = sources.site;
  const { module } = world.describer;
  if (module === undefined || uids.length < MIN_BATCH) return found;
  const { present, paths } = placesOf(sources, uids);
  for (const [nth, file] of (await smallFiles.findTexts(paths, module, texts)).entries()) {
    const uid = present[nth];
    if (uid === undefined || file === undefined) continue;
    learn(sources, uid, { crlfOctets: file.crlfOctets, internalDate: file.modifiedAt });
    found.set(uid, file.areFound);
  }
  return found;
}

/** Undefined when the message is gone or cannot be read. */
async function findInOne(
  sources: MessageSources,
  uid: Uid,
  texts: readonly SoughtText[],
): Promise<boolean[] | undefined> {
  const reader = await sources.openIfReadable(uid);
  const described = reader && (await describeOpened(sources, uid, reader));
  return described && findIn(described.text(), texts);
}
