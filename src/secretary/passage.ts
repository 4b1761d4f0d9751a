import { tellInstant } from "../core/calendar/calendar.ts";
import type { AgendaDb, Decision, StoredMessageRow } from "../storage/agenda-db/agenda-db.ts";
import { REMARK, TAKEN_OUT } from "./outcome-log.ts";
import { isOfReading, sentenceForWords } from "./reasons.ts";
import { HELD_MAILBOX, PUBLISHED_MAILBOX } from "./workplace.ts";

/** What a story says about one message. */
export interface Passage {
  /** When it came; seconds since 1970. */
  readonly at: number;
  readonly sender: string;
  readonly lines: readonly string[];
  /** The key of the message, if the event has something of it. */
  readonly source?: string;
}

/** The passages numbered, by the clocks of a zone. */
export function tellPassages(passages: readonly Passage[], zone: string): string[] {
  return [
    `Its messages as they came, by the clocks of ${zone}:`,
    "",
    ...passages.flatMap(({ at, sender, lines }, index) => [
      `${index + 1}. ${tellInstant(at, zone)}, from ${sender || "nobody"}`,
      ...lines.map((line) => `   ${line}`),
    ]),
  ];
}

/** What a message is, and whether it is believed. */
export function tellMessage(message: StoredMessageRow, isTrusted: boolean): string[] {
  const { subject, messageId, isApproved, senderProof } = message;
  return [
    subject === "" ? "Without a subject" : `"${subject}"`,
    ...tellId(messageId),
    ...(isApproved ? [`You put it into the mailbox ${PUBLISHED_MAILBOX}: it counts whoever sent it`] : []),
    ...(isTrusted && !isApproved ? ["It is from an address that you trust"] : []),
    ...(senderProof === "failed" ? ["Its sender is not proven: somebody may have borrowed the address"] : []),
  ];
}

function tellId(messageId: string): string[] {
  return messageId === "" ? [] : [`Message-ID <${messageId}>`];
}

/** What was found when a message was read, besides the events that it tells of. */
export function tellFindings(decisions: readonly Decision[]): string[] {
  const lines = decisions.flatMap(({ outcome, reason }) => {
    if (outcome === REMARK) return [`A fault in it: ${reason}`];
    return isOfReading(reason) ? [`Something else in it → ${sentenceForWords(outcome, reason)}`] : [];
  });
  return [...new Set(lines)]; // it may have been read more than once
}

/** About messages of which nothing is in the calendar, or no longer: each once, by whatever name its file went. */
export function passagesAbout(decisions: readonly Decision[], db: AgendaDb, zone: string): Passage[] {
  const inOrder = [...decisions].sort((a, b) => a.decidedAt - b.decidedAt);
  const byMessage = Map.groupBy(inOrder, ({ messageId, messageKey }) => messageId || messageKey);
  return [...byMessage.values()].flatMap((about) => {
    const { decidedAt = 0, sender = "", messageId = "" } = about[0] ?? {};
    const isThere = about.some(({ messageKey }) => db.hasMessage(messageKey));
    if (!isThere && messageId !== "" && db.messagesById(messageId).length > 0) return []; // by another name
    const lines = isThere ? tellFindings(about) : tellElsewhere(about, zone);
    return lines.length === 0 ? [] : [{ at: decidedAt, sender, lines: [...tellId(messageId), ...lines] }];
  });
}

/** What happened to a message that is not in the calendar: a line each, with the time where that is another. */
function tellElsewhere(decisions: readonly Decision[], zone: string): string[] {
  const lines: string[] = [];
  let time = tellInstant(decisions[0]?.decidedAt ?? 0, zone);
  let happened = new Set<string>();
  for (const [decidedAt, made] of Map.groupBy(decisions, ({ decidedAt }) => decidedAt)) {
    const now = new Set(made.map(tellDecision));
    const news = [...now].filter((line) => !happened.has(line)); // it may have been read again, with the same outcome
    happened = now;
    const at = tellInstant(decidedAt, zone);
    lines.push(...news.map((line) => (at === time ? line : `${at} ${line}`)));
    time = at;
  }
  const last = decisions.findLast(({ outcome }) => outcome !== REMARK);
  // Without a record of it: agenda.db was made anew since.
  if (last !== undefined && isPublishing(last.outcome)) lines.push(COUNTS_NO_MORE);
  if (last?.reason === "sender-not-allowed") lines.push(ADVICE_ON_HELD);
  return lines;
}

const COUNTS_NO_MORE = `→ Counts no more: it was taken out of the mailbox ${PUBLISHED_MAILBOX}`;
const ADVICE_ON_HELD = `  If it waits in ${HELD_MAILBOX}, move it to ${PUBLISHED_MAILBOX} and it counts`;

function tellDecision({ outcome, reason }: Decision): string {
  if (outcome === REMARK) return `A fault in it: ${reason}`;
  return outcome === TAKEN_OUT ? COUNTS_NO_MORE : `→ ${sentenceForWords(outcome, reason)}`;
}

function isPublishing(outcome: string): boolean {
  return outcome !== "no_action" && outcome !== "error" && outcome !== TAKEN_OUT;
}
