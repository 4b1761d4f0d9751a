import type { DescriptionStore } from "./description-store.ts";
import { inBatches, inParallel } from "./in-parallel.ts";
import type { MailboxSite } from "./mailbox-site.ts";
import type { MailboxState } from "./mailbox-state.ts";
import type { DescribedMessage, Description, MessageFacts, Uid } from "./mailbox-view.ts";
import { namedAt } from "./message-name.ts";
import type { MessageReader } from "./open-message.ts";
import type { TextIndex } from "./text-index.ts";

/** Messages looked up together. */
const BATCH = 256;

/** Files open at a time while messages are looked at that are not in the index. */
const MAX_OPEN_FILES = 8;

/** The texts of more messages at once are indexed only when somebody searches in texts. */
const MAX_TEXTS = 16;

/** What facts are gathered from. */
export interface FactSources {
  readonly state: MailboxState;
  readonly site: MailboxSite;
  readonly descriptions: DescriptionStore;
  readonly texts: TextIndex;
  /** Opens a message's file, and the state knows its size and date then. */
  readonly open: (uid: Uid) => Promise<MessageReader | undefined>;
}

/** The facts of those of the messages that are there, many at a time. */
export async function* gatherFacts(
  sources: FactSources,
  uids: Iterable<Uid>,
): AsyncGenerator<readonly MessageFacts[]> {
  for (const batch of inBatches(uids, BATCH)) yield await factsOfAll(sources, batch);
}

/** The same with their descriptions; those that are not in the index are made and put there. */
export async function* gatherDescriptions(
  sources: FactSources,
  uids: Iterable<Uid>,
): AsyncGenerator<readonly DescribedMessage[]> {
  for (const batch of inBatches(uids, BATCH)) {
    const descriptions = sources.descriptions.get(batch);
    const missing = batch.filter((uid) => !descriptions.has(uid));
    for (const [uid, description] of await describeAll(sources, missing)) descriptions.set(uid, description);
    yield (await factsOfAll(sources, batch)).flatMap((facts) => {
      const description = descriptions.get(facts.uid);
      return description === undefined ? [] : [Object.assign(facts, { description })];
    });
  }
}

/** Reads messages and puts their descriptions into the index; those that are gone have none. */
async function describeAll(sources: FactSources, uids: readonly Uid[]): Promise<Map<Uid, Uint8Array>> {
  const made = new Map<Uid, Uint8Array>();
  await inParallel(uids, MAX_OPEN_FILES, async (uid) => {
    const described = await describe(sources, uid);
    if (described === undefined) return;
    made.set(uid, described.description());
    // Who lists a whole mailbox waits for this, and does not search in texts yet.
    if (uids.length <= MAX_TEXTS) sources.texts.offer(uid, described.text());
  });
  sources.descriptions.put(made);
  return made;
}

async function factsOfAll(sources: FactSources, uids: readonly Uid[]): Promise<MessageFacts[]> {
  const known = uids.map((uid) => factsOf(sources.state, uid));
  const unknown = uids.filter((_, at) => known[at] === "unknown");
  await inParallel(unknown, MAX_OPEN_FILES, async (uid) => {
    const reader = await sources.open(uid);
    await reader?.close();
  });
  const all = unknown.length === 0 ? known : uids.map((uid) => factsOf(sources.state, uid));
  return all.filter((facts) => typeof facts === "object");
}

/** Reads a message and has it described; undefined when it is gone. */
export async function describe(sources: FactSources, uid: Uid): Promise<Description | undefined> {
  const reader = await sources.open(uid);
  if (reader === undefined) return undefined;
  try {
    return await sources.site.world.describer.describe(reader.read(0, reader.octets));
  } finally {
    await reader.close();
  }
}

function factsOf({ table }: MailboxState, uid: Uid): MessageFacts | "unknown" | "gone" {
  const position = table.positionOf(uid);
  if (position < 0) return "gone";
  const [octets, internalDate] = [table.crlfOctetsAt(position), table.internalDateAt(position)];
  if (Number.isNaN(octets) || Number.isNaN(internalDate)) return "unknown";
  return {
    uid,
    octets,
    internalDate: new Date(internalDate),
    // Hardly anybody asks, and reading a name takes longer than all of the rest.
    get savedAt() {
      const now = table.positionOf(uid);
      return new Date((now < 0 ? undefined : namedAt(table.rowAt(now).baseName)) ?? internalDate);
    },
  };
}
