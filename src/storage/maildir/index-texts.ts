import { inBatches } from "./in-parallel.ts";
import type { Uid } from "./mailbox-view.ts";
import { describeOpened, type MessageSources, openEach, placesOf } from "./open-each.ts";
import { joinText } from "./sought-text.ts";
import type { MessagePath, TextIndex } from "./text-index.ts";

/** Messages indexed together: a search waits for no more of them. */
const BATCH = 32;

/** What texts are indexed from, and where. */
export interface IndexedSources extends MessageSources {
  readonly texts: TextIndex;
}

/**
 * Indexes, some at a time, the texts that are not indexed. The thread of the index reads small messages itself.
 * @param isEnough asked again and again whether to leave it
 */
export async function indexTexts(sources: IndexedSources, isEnough: () => boolean): Promise<void> {
  const missing = await sources.texts.findMissing(sources.state.table.columns.uids.slice());
  for (const batch of inBatches(missing, BATCH)) {
    if (isEnough()) return;
    const left = await putSmall(sources, batch);
    for await (const [uid, reader] of openEach(sources, left)) {
      const described = reader && (await describeOpened(sources, uid, reader));
      if (described !== undefined) await sources.texts.put([[uid, joinText(described.text())]]);
      if (isEnough()) return;
    }
  }
}

/** Those of the messages that are left. */
async function putSmall(sources: IndexedSources, uids: readonly Uid[]): Promise<Iterable<Uid>> {
  const { module } = sources.site.world.describer;
  if (module === undefined) return uids;
  const { present, paths } = placesOf(sources, uids);
  const files = present.map((uid, nth): MessagePath => [uid, paths[nth] ?? ""]);
  return sources.texts.putFiles(files, module);
}
