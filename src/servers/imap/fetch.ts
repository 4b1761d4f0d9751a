import {
  type FetchAttribute,
  type FetchCommand,
  MessageSummary,
  resolveRanges,
} from "../../core/imap/imap.ts";
import type { DescribedMessage, Uid } from "../../storage/maildir/maildir.ts";
import { ahead } from "./ahead.ts";
import type { BodyItem, BodySource } from "./body-source.ts";
import { bad, type Completion, no, ok } from "./completion.ts";
import { type AttributeSource, formatFact, formatItems, formatMemory, sourceOf } from "./fetch-attributes.ts";
import { writeBinary, writeBinarySize } from "./fetch-binary.ts";
import { isAnsweredBySummary, writeSection } from "./fetch-section.ts";
import { markOf } from "./flag-marks.ts";
import { openSource } from "./message-source.ts";
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
  const since = command.changedSince ?? -1;
  const changed = named.filter((uid) => (view.modSeqOf(uid) ?? 0) > since);
  const problem = await fetchAll(session, inWindow(changed, command.window), plan);
  if (problem !== undefined) return problem;
  // Who counts on sequence numbers is told why an answer is missing (RFC 2180 §4.1).
  const areGone = !command.isUid && named.some((uid) => view.marksOf(uid) === undefined);
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
  const source = bodies.length > 0 ? "descriptions" : sourceOf(attributes);
  return { attributes, bodies, source, marksSeen: isReading && !session.selected.isReadOnly };
}

/** Says which of the messages asked for are gone, before anything else (RFC 7162 §3.2.6). */
function announceVanished(session: Session, { set, changedSince = 0 }: FetchCommand): void {
  const { selected } = session;
  const asked = set.kind === "saved" ? session.saved : resolveRanges(set.ranges, selected.view.uidNext - 1);
  const vanished = formatVanished(selected, changedSince, asked);
  if (vanished !== "") session.out.untagged(`VANISHED (EARLIER) ${vanished}`);
}

/** Answers for each message that is still there. What cannot be done for one does not harm the others. */
async function fetchAll(
  session: Session,
  uids: readonly Uid[],
  plan: FetchPlan,
): Promise<Completion | undefined> {
  const { out, selected } = session;
  switch (plan.source) {
    case "memory":
      for (const uid of uids) {
        if (selected.view.marksOf(uid) === undefined) continue;
        const items = plan.attributes.map((name) => formatMemory(session, uid, name));
        out.untagged(`${selected.sequenceNumberOf(uid)} FETCH (${items.join(" ")})`);
        if (out.isFull) await out.flush();
      }
      return undefined;
    case "facts":
      for await (const facts of selected.view.facts(uids)) {
        const items = plan.attributes.map(
          (name) => formatMemory(session, facts.uid, name) ?? formatFact(facts, name),
        );
        out.untagged(`${selected.sequenceNumberOf(facts.uid)} FETCH (${items.join(" ")})`);
        if (out.isFull) await out.flush();
      }
      return undefined;
    case "descriptions":
      return fetchDescribed(session, uids, plan);
  }
}

async function fetchDescribed(
  session: Session,
  uids: readonly Uid[],
  plan: FetchPlan,
): Promise<Completion | undefined> {
  const { out, selected } = session;
  const { view } = selected;
  let problem: Completion | undefined;
  const described = view.descriptions(uids);
  if (plan.bodies.length === 0) {
    for await (const message of described) {
      const summary = new MessageSummary(message.description);
      const items = formatItems(session, { message, summary }, plan.attributes);
      out.untagged(`${selected.sequenceNumberOf(message.uid)} FETCH (${items.join(" ")})`);
      if (out.isFull) await out.flush();
    }
    return undefined;
  }
  const open = (message: DescribedMessage): Promise<BodySource | "gone"> => openBody(session, message, plan);
  const close = async (source: BodySource | "gone"): Promise<void> => {
    if (source !== "gone") await source.opened?.close();
  };
  for await (const [message, source] of ahead(described, open, close)) {
    if (source === "gone") continue;
    try {
      problem = (await fetchBody(session, { message, source }, plan)) ?? problem;
    } finally {
      await close(source);
    }
  }
  return problem;
}

/** The message's octets, where the summary does not answer everything. */
async function openBody(
  { selected }: Session,
  message: DescribedMessage,
  plan: FetchPlan,
): Promise<BodySource | "gone"> {
  const summary = new MessageSummary(message.description);
  if (!plan.marksSeen && plan.bodies.every((item) => isAnsweredBySummary(item, summary))) {
    return { summary, opened: undefined };
  }
  const opened = await openSource(selected.view, message.uid);
  return opened === undefined ? "gone" : { summary, opened };
}

async function fetchBody(
  session: Session,
  { message, source }: { readonly message: DescribedMessage; readonly source: BodySource },
  plan: FetchPlan,
): Promise<Completion | undefined> {
  const { out, selected } = session;
  const { uid } = message;
  const isNewlySeen = plan.marksSeen && (await markSeen(session, uid));
  const attributes = isNewlySeen ? withFlags(session, plan.attributes) : plan.attributes;
  const items = formatItems(session, { message, summary: source.summary }, attributes);
  out.write(`* ${selected.sequenceNumberOf(uid)} FETCH (${items.join(" ")}`);
  if (items.length > 0) out.write(" ");
  const problem = await writeBodies(out, plan.bodies, source);
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
