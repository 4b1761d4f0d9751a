import {
  type FetchAttribute,
  type FetchCommand,
  formatNumberSet,
  MessageSummary,
  resolveRanges,
  type SummaryPart,
} from "../../core/imap/imap.ts";
import type { MailboxView, OpenMessage, Uid } from "../../storage/maildir/maildir.ts";
import type { BodyItem, BodySource } from "./body-source.ts";
import { bad, type Completion, no, ok } from "./completion.ts";
import { type AttributeSource, formatItems, formatMemory, type Known, sourceOf } from "./fetch-attributes.ts";
import { writeBinary, writeBinarySize } from "./fetch-binary.ts";
import { isListed, isWholeMessage, writeListed, writeSection } from "./fetch-section.ts";
import { markOf } from "./flag-marks.ts";
import { inWindow } from "./places.ts";
import type { ResponseWriter } from "./response-writer.ts";
import type { Session } from "./session.ts";
import { isClientGone } from "./transport.ts";
import { formatVanished } from "./vanished.ts";

/** What a FETCH answers, in this order, and how far it has to go for it. */
interface FetchPlan {
  readonly attributes: readonly FetchAttribute[];
  readonly bodies: readonly BodyItem[];
  readonly source: AttributeSource;
  /** The parts of the summary that this needs. */
  readonly parts: readonly SummaryPart[];
  /** Whether messages become seen by it. */
  readonly marksSeen: boolean;
}

/** An answer broke off in the middle, because the disk failed: nothing sensible can follow on this connection. */
export class BrokenAnswer extends Error {
  constructor(options: ErrorOptions) {
    super("Cannot finish the answer to a FETCH", options);
  }
}

/** FETCH and UID FETCH (RFC 9051 §6.4.5), with CHANGEDSINCE and VANISHED (RFC 7162) and PARTIAL (RFC 9394). */
export async function fetchMessages(session: Session, command: FetchCommand): Promise<Completion> {
  const named = session.resolve(command.set, command.isUid);
  if (named === undefined) return bad("There is no such message");
  // RFC 7162 §3.2.6
  if (command.isVanished && !session.isEnabled("QRESYNC")) return bad("Enable QRESYNC first");
  const plan = planFetch(session, command);
  if (plan.attributes.includes("MODSEQ")) session.enable("CONDSTORE");
  if (command.isVanished) announceVanished(session, command);
  const { view } = session.selected;
  const { changedSince } = command;
  const changed =
    changedSince === undefined ? named : named.filter((uid) => (view.modSeqOf(uid) ?? 0) > changedSince);
  const asked = inWindow(changed, command.window);
  const { problem, answered } = await fetchAll(session, asked, plan);
  if (problem !== undefined) return problem;
  const unreadable = unreadableOf(view, asked, answered);
  if (unreadable.length > 0)
    return no("UNAVAILABLE", `Some of the messages cannot be read: ${listed(unreadable)}`);
  // Who counts on sequence numbers is told why an answer is missing (RFC 2180 §4.1).
  const isComplete = answered.length === named.length;
  const areGone = !command.isUid && !isComplete && named.some((uid) => view.marksOf(uid) === undefined);
  return areGone ? no("EXPUNGEISSUED", "Some of the messages are gone") : ok("Messages are fetched");
}

function planFetch(session: Session, command: FetchCommand): FetchPlan {
  const names = new Set<FetchAttribute>();
  // A UID FETCH answers with the UID (RFC 9051 §6.4.9), CHANGEDSINCE with MODSEQ (RFC 7162 §3.1.4.1).
  if (command.isUid) names.add("UID");
  for (const item of command.items) if (item.kind === "attribute") names.add(item.name);
  if (command.changedSince !== undefined) names.add("MODSEQ");
  const attributes = [...names];
  const bodies = command.items.filter((item) => item.kind !== "attribute");
  const isReading = bodies.some((item) => item.kind !== "binary-size" && !item.isPeek);
  const source = sourceOf(attributes, bodies.length > 0);
  const needsStructure =
    source === "structure" || bodies.some((item) => !isWholeMessage(item) && !isListed(item));
  const parts: SummaryPart[] = needsStructure ? ["structure"] : [];
  if (bodies.some(isListed)) parts.push("header");
  return { attributes, bodies, source, parts, marksSeen: isReading && !session.selected.isReadOnly };
}

/** Those of the messages that are there and got no answer. */
function unreadableOf(view: MailboxView, asked: readonly Uid[], answered: readonly Uid[]): readonly Uid[] {
  if (answered.length === asked.length) return [];
  const done = new Set(answered);
  return asked.filter((uid) => !done.has(uid) && view.marksOf(uid) !== undefined);
}

/** More would make a long line. */
const MAX_LISTED_UIDS = 20;

function listed(uids: readonly Uid[]): string {
  const others = uids.length - MAX_LISTED_UIDS;
  return `UID ${formatNumberSet(uids.slice(0, MAX_LISTED_UIDS))}${others > 0 ? ` and ${others} more` : ""}`;
}

/** Says which of the messages asked for are gone, before anything else (RFC 7162 §3.2.6). */
function announceVanished(session: Session, { set, changedSince = 0 }: FetchCommand): void {
  const { selected } = session;
  const asked = set.kind === "saved" ? session.saved : resolveRanges(set.ranges, selected.view.uidNext - 1);
  const vanished = formatVanished(selected, changedSince, asked);
  if (vanished !== "") session.out.untagged(`VANISHED (EARLIER) ${vanished}`);
}

/** For which messages there was an answer, and why something of it is missing. */
interface Fetched {
  readonly answered: readonly Uid[];
  readonly problem?: Completion | undefined;
}

/**
 * Answers for each message that is still there and can be read. What cannot be done for one does not harm the
 * others (RFC 9051 §6.4.5).
 */
async function fetchAll(session: Session, uids: readonly Uid[], plan: FetchPlan): Promise<Fetched> {
  const { out, selected } = session;
  const answered: Uid[] = [];
  if (plan.source === "memory") {
    for (const uid of uids) {
      if (selected.view.marksOf(uid) === undefined) continue;
      let items = "";
      for (const name of plan.attributes) items += `${items && " "}${formatMemory(session, uid, name)}`;
      out.untagged(`${selected.sequenceNumberOf(uid)} FETCH (${items})`);
      answered.push(uid);
      if (out.isFull) await out.flush();
    }
    return { answered };
  }
  let problem: Completion | undefined;
  for await (const batch of gather(selected.view, uids, plan.parts)) {
    const fetched = isKnownEnough(batch, plan)
      ? await fetchKnown(session, batch, plan)
      : await fetchOpened(session, await withStructure(selected.view, batch, plan), plan);
    for (const uid of fetched.answered) answered.push(uid);
    problem = fetched.problem ?? problem;
  }
  return { answered, problem };
}

async function* gather(
  view: MailboxView,
  uids: readonly Uid[],
  parts: readonly SummaryPart[],
): AsyncGenerator<readonly Known[]> {
  if (parts.length === 0) {
    for await (const batch of view.facts(uids)) yield batch.map((facts) => ({ facts, summary: undefined }));
  } else {
    for await (const batch of view.descriptions(uids, parts)) {
      yield batch.map((facts) => ({ facts, summary: new MessageSummary(facts.description) }));
    }
  }
}

/** Where the summary has not the fields that were asked of it, one has to know where they are. */
async function withStructure(
  view: MailboxView,
  batch: readonly Known[],
  { parts }: FetchPlan,
): Promise<readonly Known[]> {
  if (!parts.includes("header") || parts.includes("structure")) return batch;
  const known: Known[] = [];
  const uids = batch.map(({ facts }) => facts.uid);
  for await (const again of gather(view, uids, ["header", "structure"])) known.push(...again);
  return known;
}

/** Whether none of the messages has to be opened. */
function isKnownEnough(batch: readonly Known[], { bodies, marksSeen }: FetchPlan): boolean {
  if (bodies.length === 0) return true;
  return !marksSeen && bodies.every(isListed) && batch.every(({ summary }) => summary?.hasHeader);
}

async function fetchKnown(session: Session, batch: readonly Known[], plan: FetchPlan): Promise<Fetched> {
  const { out } = session;
  for (const known of batch) {
    writeAttributes(session, known, plan.attributes);
    for (const [index, item] of plan.bodies.entries()) {
      if (index > 0 || plan.attributes.length > 0) out.write(" ");
      if (known.summary !== undefined && isListed(item)) writeListed(out, item, known.summary);
    }
    out.write(")\r\n");
    if (out.isFull) await out.flush();
  }
  return { answered: batch.map(({ facts }) => facts.uid) };
}

/** The beginning of the answer, up to the attributes. */
function writeAttributes(session: Session, known: Known, attributes: readonly FetchAttribute[]): void {
  const items = formatItems(session, known, attributes);
  session.out.write(`* ${session.selected.sequenceNumberOf(known.facts.uid)} FETCH (${items.join(" ")}`);
}

async function fetchOpened(session: Session, batch: readonly Known[], plan: FetchPlan): Promise<Fetched> {
  const answered: Uid[] = [];
  let problem: Completion | undefined;
  const known = new Map(batch.map((one) => [one.facts.uid, one]));
  for await (const [uid, opened] of session.selected.view.openEach(known.keys())) {
    const one = known.get(uid);
    if (one === undefined || opened === undefined) continue; // expunged since, or it cannot be read
    try {
      problem = (await fetchBody(session, { known: one, opened }, plan)) ?? problem;
      answered.push(uid);
    } finally {
      await opened.close();
    }
  }
  return { answered, problem };
}

async function fetchBody(
  session: Session,
  { known, opened }: { readonly known: Known; readonly opened: OpenMessage },
  plan: FetchPlan,
): Promise<Completion | undefined> {
  const { out } = session;
  const isNewlySeen = plan.marksSeen && (await markSeen(session, known.facts.uid));
  const attributes = isNewlySeen ? withFlags(session, plan.attributes) : plan.attributes;
  writeAttributes(session, known, attributes);
  if (attributes.length > 0) out.write(" ");
  const problem = await writeBodies(out, plan.bodies, { summary: known.summary, opened });
  out.write(")\r\n");
  if (out.isFull) await out.flush();
  return problem;
}

async function writeBodies(
  out: ResponseWriter,
  bodies: readonly BodyItem[],
  source: BodySource,
): Promise<Completion | undefined> {
  let problem: Completion | undefined;
  try {
    for (const [index, item] of bodies.entries()) {
      if (index > 0) out.write(" ");
      if (item.kind === "section") await writeSection(out, item, source);
      else if (item.kind === "binary") problem = (await writeBinary(out, item, source)) ?? problem;
      else problem = (await writeBinarySize(out, item, source)) ?? problem;
    }
  } catch (cause) {
    throw isClientGone(cause) ? cause : new BrokenAnswer({ cause });
  }
  return problem;
}

/** Whether the message was unseen until now. */
async function markSeen({ selected }: Session, uid: Uid): Promise<boolean> {
  const seen = markOf("\\Seen");
  if (((selected.view.marksOf(uid) ?? seen) & seen) !== 0) return false;
  await selected.view.store([uid], (marks) => marks | seen);
  return true;
}

/** A change of flags is told in the answer that caused it (RFC 9051 §6.4.5). */
function withFlags(session: Session, attributes: readonly FetchAttribute[]): FetchAttribute[] {
  const told: FetchAttribute[] = session.isEnabled("CONDSTORE") ? ["FLAGS", "MODSEQ"] : ["FLAGS"];
  return [...new Set([...attributes, ...told])];
}
