import type { DescriptionStore } from "./description-store.ts";
import { inBatches } from "./in-parallel.ts";
import type { MailboxState } from "./mailbox-state.ts";
import type {
  DescribedMessage,
  Description,
  DescriptionPart,
  DescriptionParts,
  MessageFacts,
  Uid,
} from "./mailbox-view.ts";
import { namedAt } from "./message-name.ts";
import { type MessageSources, openEach } from "./open-each.ts";
import type { TextIndex } from "./text-index.ts";

/** Messages looked up together. */
const BATCH = 256;

/** The texts of more messages at once are indexed only when somebody searches in texts. */
const MAX_TEXTS = 16;

/** What facts are gathered from. */
export interface FactSources extends MessageSources {
  readonly descriptions: DescriptionStore;
  readonly texts: TextIndex;
}

/** The facts of those of the messages that are there, many at a time. */
export async function* gatherFacts(
  sources: FactSources,
  uids: Iterable<Uid>,
): AsyncGenerator<readonly MessageFacts[]> {
  for (const batch of inBatches(uids, BATCH)) yield await factsOfAll(sources, batch);
}

/** The same with parts of their descriptions; those that are not in the index are made and put there. */
export async function* gatherDescriptions<Part extends DescriptionPart>(
  sources: FactSources,
  uids: Iterable<Uid>,
  parts: readonly Part[],
): AsyncGenerator<readonly DescribedMessage<Part>[]> {
  for (const batch of inBatches(uids, BATCH)) {
    const descriptions = sources.descriptions.get(batch, parts);
    const missing = batch.filter((uid) => !descriptions.has(uid));
    for (const [uid, description] of await describeAll(sources, missing)) descriptions.set(uid, description);
    yield (await factsOfAll(sources, batch)).flatMap((facts) => {
      const description = descriptions.get(facts.uid);
      return description === undefined ? [] : [Object.assign(facts, { description })];
    });
  }
}

/** Reads messages and puts their descriptions into the index; those that are gone have none. */
async function describeAll(sources: FactSources, uids: readonly Uid[]): Promise<Map<Uid, DescriptionParts>> {
  const made = new Map<Uid, DescriptionParts>();
  for await (const [uid, described] of describeEach(sources, uids)) {
    made.set(uid, described.description());
    // Who lists a whole mailbox waits for this, and does not search in texts yet.
    if (uids.length <= MAX_TEXTS) sources.texts.offer(uid, described.text());
  }
  sources.descriptions.put(made);
  return made;
}

/** Reads messages and has them described; those that are gone are passed over. */
export async function* describeEach(
  sources: FactSources,
  uids: Iterable<Uid>,
): AsyncGenerator<readonly [Uid, Description]> {
  const { describer } = sources.site.world;
  for await (const [uid, reader] of openEach(sources, uids)) {
    if (reader === undefined) continue;
    try {
      yield [uid, await describer.describe(reader.read(0, reader.octets))];
    } finally {
      await reader.close();
    }
  }
}

async function factsOfAll(sources: FactSources, uids: readonly Uid[]): Promise<MessageFacts[]> {
  const known = uids.map((uid) => factsOf(sources.state, uid));
  const unknown = uids.filter((_, at) => known[at] === "unknown");
  for await (const [, reader] of openEach(sources, unknown)) await reader?.close();
  const all = unknown.length === 0 ? known : uids.map((uid) => factsOf(sources.state, uid));
  return all.filter((facts) => typeof facts === "object");
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
