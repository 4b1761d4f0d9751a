import type { DescriptionStore } from "./description-store.ts";
import { inBatches } from "./in-parallel.ts";
import type { IndexedSources } from "./index-texts.ts";
import type { MailboxState } from "./mailbox-state.ts";
import type {
  DescribedMessage,
  Description,
  DescriptionPart,
  DescriptionParts,
  MessageFacts,
  MessageKeys,
  Uid,
} from "./mailbox-view.ts";
import { namedAt } from "./message-name.ts";
import type { MessageTable } from "./message-table.ts";
import { describeOpened, describeSmall, openEach } from "./open-each.ts";
import { joinText } from "./sought-text.ts";

/** Messages looked up together. */
const BATCH = 256;

/** The texts of more messages at once are indexed only when somebody searches in texts. */
const MAX_TEXTS = 16;

/** What facts are gathered from. */
export interface FactSources extends IndexedSources {
  readonly descriptions: DescriptionStore;
  /** Which messages are being described: who wants the same ones waits for that. */
  readonly underway: Map<Uid, Promise<ReadonlyMap<Uid, DescriptionParts>>>;
  /** Has the keys made of messages that were just described, behind whoever waits for the descriptions. */
  readonly keysSoon: (descriptions: ReadonlyMap<Uid, DescriptionParts>) => void;
}

/** The facts of those of the messages that are there, many at a time. */
export async function* gatherFacts(
  sources: FactSources,
  uids: Iterable<Uid>,
): AsyncGenerator<readonly MessageFacts[]> {
  for (const batch of inBatches(uids, BATCH)) yield await factsOfAll(sources, batch);
}

/**
 * The same with parts of their descriptions; those that are not in the index are made and put there. `keys` is for
 * who wants them as well: the threads that make many descriptions put there the keys of these messages, each before
 * its description is given.
 */
export async function* gatherDescriptions<Part extends DescriptionPart>(
  sources: FactSources,
  uids: Iterable<Uid>,
  parts: readonly Part[],
  keys?: Map<Uid, MessageKeys>,
): AsyncGenerator<readonly DescribedMessage<Part>[]> {
  let ahead: Promise<readonly DescribedMessage<Part>[]> | undefined;
  const run: Run = { missing: 0, keys };
  for (const batch of inBatches(uids, BATCH)) {
    // While one batch is looked at, the threads that describe shall have the next one.
    const begun = descriptionsOfAll(sources, batch, parts, run);
    begun.catch(() => {}); // who takes it hears of it, and perhaps nobody does
    if (ahead !== undefined) yield ahead;
    ahead = begun;
  }
  if (ahead !== undefined) yield ahead;
}

/** Of one gathering. */
interface Run {
  /** How many of its messages were not described, so far. */
  missing: number;
  readonly keys: Map<Uid, MessageKeys> | undefined;
}

async function descriptionsOfAll<Part extends DescriptionPart>(
  sources: FactSources,
  uids: readonly Uid[],
  parts: readonly Part[],
  run: Run,
): Promise<readonly DescribedMessage<Part>[]> {
  const descriptions = sources.descriptions.get(uids, parts);
  const missing = uids.filter((_, nth) => descriptions[nth] === undefined);
  run.missing += missing.length;
  const made = await describeOnce(sources, missing, run);
  await learnMissing(sources, uids);
  const { table } = sources.state;
  const described: DescribedMessage<Part>[] = [];
  for (let nth = 0; nth < uids.length; nth += 1) {
    const uid = uids[nth] ?? 0;
    const description = descriptions[nth] ?? made.get(uid);
    const facts = factsOf(table, uid);
    if (description === undefined || facts === undefined) continue;
    described.push({ uid, octets: facts.octets, internalDate: facts.internalDate, description });
  }
  return described;
}

/** Describes messages, or waits for who is doing that. */
async function describeOnce(
  sources: FactSources,
  uids: readonly Uid[],
  run: Run,
): Promise<ReadonlyMap<Uid, DescriptionParts>> {
  const { underway } = sources;
  const others = new Set(uids.flatMap((uid) => underway.get(uid) ?? []));
  const own = uids.filter((uid) => !underway.has(uid));
  const making = describeAll(sources, own, run).finally(() => {
    for (const uid of own) underway.delete(uid);
  });
  for (const uid of own) underway.set(uid, making);
  const made = await Promise.all([making, ...others]);
  return made.length === 1 ? making : new Map(made.flatMap((each) => [...each]));
}

/** Reads messages and puts their descriptions into the index; those that are gone or cannot be read have none. */
async function describeAll(
  sources: FactSources,
  uids: readonly Uid[],
  run: Run,
): Promise<ReadonlyMap<Uid, DescriptionParts>> {
  if (uids.length === 0) return new Map();
  // Who lists a whole mailbox waits for this, and does not search in texts yet.
  const areMany = run.missing > MAX_TEXTS;
  const made = areMany ? await describeSmall(sources, uids, run.keys) : new Map<Uid, DescriptionParts>();
  const others = uids.filter((uid) => !made.has(uid));
  for await (const [uid, described] of describeEach(sources, others)) {
    made.set(uid, described.description());
    if (!areMany) sources.texts.offer(uid, joinText(described.text()));
  }
  sources.descriptions.put(made);
  if (run.keys === undefined) sources.keysSoon(made);
  return made;
}

/** Reads messages and has them described; those that are gone or cannot be read are passed over. */
async function* describeEach(
  sources: FactSources,
  uids: Iterable<Uid>,
): AsyncGenerator<readonly [Uid, Description]> {
  for await (const [uid, reader] of openEach(sources, uids)) {
    const described = reader && (await describeOpened(sources, uid, reader));
    if (described !== undefined) yield [uid, described];
  }
}

async function factsOfAll(sources: FactSources, uids: readonly Uid[]): Promise<MessageFacts[]> {
  await learnMissing(sources, uids);
  const { table } = sources.state;
  return uids.flatMap((uid) => factsOf(table, uid) ?? []);
}

/** What is known without opening the message's file, if that is all. */
export function factsOf(table: MessageTable, uid: Uid): MessageFacts | undefined {
  const position = table.positionOf(uid);
  if (position < 0 || !isKnown(table, position)) return undefined;
  return { uid, octets: table.crlfOctetsAt(position), internalDate: table.internalDateAt(position) };
}

/** Opens those of the messages of which a fact is not known, which makes it known. */
export async function learnMissing(sources: FactSources, uids: readonly Uid[]): Promise<void> {
  const { table } = sources.state;
  const unknown = uids.filter((uid) => {
    const position = table.positionOf(uid);
    return position >= 0 && !isKnown(table, position);
  });
  for await (const [, reader] of openEach(sources, unknown)) await reader?.close();
}

function isKnown(table: MessageTable, position: number): boolean {
  return !Number.isNaN(table.crlfOctetsAt(position)) && !Number.isNaN(table.internalDateAt(position));
}

/** When a message came here: its name says that. */
export function savedAtOf({ table }: MailboxState, uid: Uid): Date | undefined {
  const position = table.positionOf(uid);
  if (position < 0) return undefined;
  const { baseName, internalDate } = table.rowAt(position);
  return new Date(namedAt(baseName) ?? internalDate);
}
