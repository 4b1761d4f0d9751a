import { inBatches, workAhead } from "./in-parallel.ts";
import { type MailboxSite, pathOf } from "./mailbox-site.ts";
import type { MailboxState } from "./mailbox-state.ts";
import type { Description, DescriptionParts, MessageKeys, Uid } from "./mailbox-view.ts";
import type { MessageRow } from "./message-table.ts";
import { type MessageReader, SmallMessage } from "./open-message.ts";

/** What messages are opened from. */
export interface MessageSources {
  readonly state: MailboxState;
  readonly site: MailboxSite;
  /**
   * Opens a message's file, and the state knows its size and date then. Undefined when the message is gone or,
   * which is noted, cannot be read.
   */
  readonly openIfReadable: (uid: Uid) => Promise<MessageReader | undefined>;
  /** For a message of which it turned out only later. */
  readonly noteUnreadable: (uid: Uid, err: unknown) => void;
}

/** Messages read together. */
const BATCH = 32;

/** So many batches are read while one is looked at: the thread that reads shall have something to do all the time. */
const AHEAD = 2;

/** For fewer messages it is not worth to ask the thread that reads many. */
export const MIN_BATCH = 4;

/** Opens the messages one after the other, small ones ahead; undefined for those that are gone or cannot be read. */
export async function* openEach(
  sources: MessageSources,
  uids: Iterable<Uid>,
): AsyncGenerator<readonly [Uid, MessageReader | undefined]> {
  const read = async (batch: readonly Uid[]) => [batch, await readSmall(sources, batch)] as const;
  for await (const [batch, readers] of workAhead(inBatches(uids, BATCH), AHEAD, read)) {
    for (const uid of batch) yield [uid, readers.get(uid) ?? (await sources.openIfReadable(uid))];
  }
}

/** Has an open message described, and closes it. Undefined when it cannot be read, which is noted. */
export async function describeOpened(
  sources: MessageSources,
  uid: Uid,
  reader: MessageReader,
): Promise<Description | undefined> {
  try {
    return await sources.site.world.describer.describe(reader.read(0, reader.octets));
  } catch (err) {
    sources.noteUnreadable(uid, err);
    return undefined;
  } finally {
    await reader.close();
  }
}

/** Those of the messages that are small and where the state has them. Does not fail. */
async function readSmall(sources: MessageSources, uids: readonly Uid[]): Promise<Map<Uid, MessageReader>> {
  const readers = new Map<Uid, MessageReader>();
  if (uids.length < MIN_BATCH) return readers;
  const { present, paths } = placesOf(sources, uids);
  for (const [nth, file] of (await sources.site.smallFiles.read(paths)).entries()) {
    const uid = present[nth];
    if (uid === undefined || file === undefined) continue;
    const reader = new SmallMessage(file.octets, file.modifiedAt);
    learn(sources, uid, { crlfOctets: reader.octets, internalDate: reader.internalDate });
    readers.set(uid, reader);
  }
  return readers;
}

/**
 * Describes those of the messages that are small, many at a time and in other threads: it takes these longer
 * than all the rest takes us. They make keys as well, if there is a map to put these into. Does not fail.
 */
export async function describeSmall(
  sources: MessageSources,
  uids: readonly Uid[],
  keys?: Map<Uid, MessageKeys>,
): Promise<Map<Uid, DescriptionParts>> {
  const described = new Map<Uid, DescriptionParts>();
  const { module } = sources.site.world.describer;
  if (module === undefined) return described;
  const describe = async (batch: readonly Uid[]): Promise<void> => {
    const { present, paths } = placesOf(sources, batch);
    const wanted = { describer: module, withKeys: keys !== undefined };
    for (const [nth, file] of (await sources.site.smallFiles.describe(paths, wanted)).entries()) {
      const uid = present[nth];
      if (uid === undefined || file === undefined) continue;
      learn(sources, uid, { crlfOctets: file.crlfOctets, internalDate: file.modifiedAt });
      described.set(uid, file.description);
      if (file.keys !== undefined) keys?.set(uid, file.keys);
    }
  };
  await Promise.all([...inBatches(uids, BATCH)].map(describe));
  return described;
}

/** Those of the messages that are there, and where their files are. */
export function placesOf({ state, site }: MessageSources, uids: readonly Uid[]) {
  const present = uids.filter((uid) => state.table.positionOf(uid) >= 0);
  const paths = present.map((uid) => pathOf(site, state.fileAt(state.table.positionOf(uid))));
  return { present, paths };
}

/** Lets the state know of a message what was seen while it was read. */
export function learn(
  { state }: MessageSources,
  uid: Uid,
  facts: Pick<MessageRow, "crlfOctets" | "internalDate">,
): void {
  const position = state.table.positionOf(uid); // it may have gone meanwhile
  if (position >= 0) state.table.update(position, facts);
}
