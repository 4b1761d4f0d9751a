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

/** What facts are gathered from. */
export interface FactSources {
  readonly state: MailboxState;
  readonly site: MailboxSite;
  readonly descriptions: DescriptionStore;
  readonly texts: TextIndex;
  /** Opens a message's file, and the state knows its size and date then. */
  readonly open: (uid: Uid) => Promise<MessageReader | undefined>;
}

/** The facts of those of the messages that are there. */
export async function* gatherFacts(sources: FactSources, uids: Iterable<Uid>): AsyncGenerator<MessageFacts> {
  for (const batch of inBatches(uids, BATCH)) {
    const unknown = batch.filter((uid) => factsOf(sources.state, uid) === "unknown");
    await inParallel(unknown, MAX_OPEN_FILES, async (uid) => {
      const reader = await sources.open(uid);
      await reader?.close();
    });
    for (const uid of batch) {
      const facts = factsOf(sources.state, uid);
      if (typeof facts === "object") yield facts;
    }
  }
}

/** The same with their descriptions; those that are not in the index are made and put there. */
export async function* gatherDescriptions(
  sources: FactSources,
  uids: Iterable<Uid>,
): AsyncGenerator<DescribedMessage> {
  for (const batch of inBatches(uids, BATCH)) {
    const found = sources.descriptions.get(batch);
    const made = new Map<Uid, Uint8Array>();
    const missing = batch.filter((uid) => !found.has(uid));
    await inParallel(missing, MAX_OPEN_FILES, async (uid) => {
      const described = await describe(sources, uid);
      if (described === undefined) return;
      made.set(uid, described.description);
      sources.texts.offer(uid, described.text);
    });
    sources.descriptions.put(made);
    for await (const facts of gatherFacts(sources, batch)) {
      const description = found.get(facts.uid) ?? made.get(facts.uid);
      if (description !== undefined) yield { ...facts, description };
    }
  }
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

function factsOf(state: MailboxState, uid: Uid): MessageFacts | "unknown" | "gone" {
  const position = state.table.positionOf(uid);
  if (position < 0) return "gone";
  const { crlfOctets, internalDate, baseName } = state.table.rowAt(position);
  if (Number.isNaN(crlfOctets) || Number.isNaN(internalDate)) return "unknown";
  const savedAt = new Date(namedAt(baseName) ?? internalDate);
  return { uid, octets: crlfOctets, internalDate: new Date(internalDate), savedAt };
}
