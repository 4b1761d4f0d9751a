import { tellInstant } from "../core/calendar/calendar.ts";
import type { AgendaDb, Decision, StoredMessageRow } from "../storage/agenda-db/agenda-db.ts";
import { REMARK } from "./outcome-log.ts";
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
  return passages.flatMap(({ at, sender, lines }, index) => [
    `${index + 1}. ${tellInstant(at, zone)}, from ${sender || "nobody"}`,
    ...lines.map((line) => `   ${line}`),
  ]);
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

/** About messages of which nothing is in the calendar, or no longer. */
export function passagesAbout(decisions: readonly Decision[], db: AgendaDb): Passage[] {
  return [...Map.groupBy(decisions, ({ messageKey }) => messageKey)].flatMap(([key, about]) => {
    const { decidedAt = 0, sender = "", messageId = "" } = about[0] ?? {};
    const isThere = db.hasMessage(key);
    if (!isThere && messageId !== "" && db.messagesById(messageId).length > 0) return []; // by another name
    const lines = isThere ? tellFindings(about) : tellElsewhere(about);
    return lines.length === 0 ? [] : [{ at: decidedAt, sender, lines: [...tellId(messageId), ...lines] }];
  });
}

function tellElsewhere(decisions: readonly Decision[]): string[] {
  const lines = decisions.flatMap(({ outcome, reason }) => {
    if (outcome === REMARK) return [`A fault in it: ${reason}`];
    if (outcome !== "no_action" && outcome !== "error") {
      return [`→ Counts no more: it was taken out of the mailbox ${PUBLISHED_MAILBOX}`];
    }
    const advice = `  If it waits in ${HELD_MAILBOX}, move it to ${PUBLISHED_MAILBOX} and it counts`;
    const isRefused = reason === "sender-not-allowed";
    return [`→ ${sentenceForWords(outcome, reason)}`, ...(isRefused ? [advice] : [])];
  });
  return [...new Set(lines)];
}
