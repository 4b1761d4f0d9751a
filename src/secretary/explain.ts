import {
  describeRecord,
  Group,
  type ReceivedPayload,
  renderGroup,
  uidKeyOf,
} from "../core/calendar/calendar.ts";
import type { Decision, StoredMessageRow } from "../storage/agenda-db/agenda-db.ts";
import type { Agenda } from "./agenda.ts";
import { sentenceFor, sentenceForWords } from "./reasons.ts";
import type { Workplace } from "./workplace.ts";

export interface ExplainOptions extends Pick<Workplace, "db" | "identity"> {
  readonly agenda: Agenda;
}

/**
 * Tells the story of an event, or of all that one message brought: every message in the order of its
 * arrival, what it wanted, what it changed and why not.
 *
 * @param subject a UID or a Message-ID
 * @returns lines; none when neither is known
 */
export function explain(subject: string, { db, agenda, identity }: ExplainOptions): string[] {
  const id = subject.replace(/^<|>$/g, "");
  const uidKeys = new Set([uidKeyOf(id)]);
  for (const { key } of db.messagesById(id)) for (const uidKey of db.uidKeysOf(key)) uidKeys.add(uidKey);
  const lines: string[] = [];
  for (const uidKey of uidKeys) {
    const payloads = agenda.payloadsOf(uidKey);
    if (payloads.length > 0) lines.push(...tellStory(payloads, { db, identity }), "");
  }
  const outside = db.decisionsAbout(id).filter(({ messageKey }) => !db.hasMessage(messageKey));
  if (outside.length > 0) {
    lines.push("Not part of the calendar now:", ...outside.flatMap(tellDecision));
  }
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function tellStory(
  payloads: readonly ReceivedPayload[],
  { db, identity }: Omit<ExplainOptions, "agenda">,
): string[] {
  const group = new Group((address) => identity.isOwnAddress(address));
  const lines: string[] = [];
  for (const received of payloads) {
    const outcomes = group.add(received);
    lines.push(...tellMessage(db.message(received.source), received));
    received.payload.records.forEach((record, index) => {
      const outcome = outcomes[index];
      const intent = { set: "says", cancel: "cancels", add: "adds" }[record.kind];
      const version = `version ${record.sequence} of ${formatInstant(record.stamp)}`;
      lines.push(`  ${intent} ${describeRecord(record) || "the event"} (${version})`);
      if (outcome !== undefined) lines.push(`    ${sentenceFor(outcome)}`);
    });
  }
  const { events } = renderGroup(group, identity);
  const state = events.length === 0 ? "Not in the feed" : `In the feed as ${countOf(events.length)}`;
  return [`UID ${group.uid}`, "", ...lines, "", state];
}

function tellMessage(
  message: StoredMessageRow | undefined,
  { received, isAllowListed }: ReceivedPayload,
): string[] {
  if (message === undefined) return [];
  const trust = isAllowListed ? ", trusted" : "";
  return [
    `${formatInstant(received)} from ${message.sender || "nobody"}${trust}, message <${message.messageId}>`,
  ];
}

function tellDecision({ decidedAt, sender, messageId, uid, outcome, reason }: Decision): string[] {
  const about = uid === undefined ? "" : `, UID ${uid}`;
  return [
    `${formatInstant(decidedAt)} from ${sender || "nobody"}, message <${messageId}>${about}`,
    `    ${sentenceForWords(outcome, reason)}`,
  ];
}

function countOf(events: number): string {
  return events === 1 ? "one event" : `${events} events: a series and its changed dates`;
}

/** `2026-03-01 08:00 UTC` */
function formatInstant(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
