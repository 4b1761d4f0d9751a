import type { MessageReading } from "../core/payloads/payloads.ts";
import type { AgendaDb } from "../storage/agenda-db/agenda-db.ts";
import type { ComponentOutcome } from "./agenda.ts";

/** What the secretary needs of a log; pino fits. Never the text of an event. */
export interface SecretaryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A message that was looked at, and what became of everything in it. */
export interface SortedMessage {
  readonly key: string;
  readonly reading: MessageReading;
  readonly mailbox: string;
}

/** Stands in place of an outcome where a fault is told that cost nothing, or explains what it cost. */
export const REMARK = "remark";

/** Stands in place of an outcome where a message left the mailbox. */
export const TAKEN_OUT = "taken-out";

/** Keeps when messages left the mailbox, before they are forgotten. */
export function recordWithdrawals(
  keys: readonly string[],
  { db, log, now }: { db: AgendaDb; log: SecretaryLog; now: () => Date },
): void {
  const decidedAt = Math.floor(now().getTime() / 1000);
  db.transaction(() => {
    for (const key of keys) {
      const message = db.message(key);
      if (message === undefined) continue;
      const { messageId, sender } = message;
      const decision = { decidedAt, messageKey: key, messageId, sender, uid: undefined };
      db.logDecision({ ...decision, outcome: TAKEN_OUT, reason: "moved-or-deleted" });
      log.info({ messageId, sender }, "A message of the calendar was moved away or deleted");
    }
  });
}

/** Keeps every outcome where it can be found later: by Message-ID, by UID, in the log by date. */
export function recordOutcomes(
  messages: readonly SortedMessage[],
  outcomes: readonly ComponentOutcome[],
  { db, log, now }: { db: AgendaDb; log: SecretaryLog; now: () => Date },
): void {
  const byKey = new Map(messages.map((message) => [message.key, message]));
  const decidedAt = Math.floor(now().getTime() / 1000);
  db.transaction(() => {
    for (const { messageKey, uid, outcome } of outcomes) {
      const message = byKey.get(messageKey);
      if (message === undefined) continue;
      const { messageId, sender } = message.reading;
      db.logDecision({ decidedAt, messageKey, messageId, sender, uid, ...outcome });
      const fields = { messageId, uid, sender, mailbox: message.mailbox, ...outcome };
      log.info(fields, "Calendar component handled");
    }
    for (const { key: messageKey, reading } of messages) {
      const { messageId, sender, remarks } = reading;
      if (remarks.length === 0) continue;
      for (const reason of remarks) {
        db.logDecision({ decidedAt, messageKey, messageId, sender, uid: undefined, outcome: REMARK, reason });
      }
      log.info({ messageId, sender, remarks }, "Calendar data with faults was read");
    }
  });
}
