import { describeRecord, type Outcome } from "../core/calendar/calendar.ts";
import type { MessageReading } from "../core/payloads/payloads.ts";
import type { ComponentOutcome } from "./agenda.ts";
import type { ParserFailure } from "./parser.ts";

const HELD: Outcome = { outcome: "no_action", reason: "sender-not-allowed" };

/** The outcomes of a message that does not go into the calendar: one for each component in it. */
export function outcomesOutside(key: string, reading: MessageReading): ComponentOutcome[] {
  const held = reading.payloads.flatMap(({ uid, records }) =>
    records.map((record) => ({ messageKey: key, uid, outcome: HELD, what: describeRecord(record) })),
  );
  const refused = reading.refused.map(({ uid, outcome }) => ({ messageKey: key, uid, outcome, what: "" }));
  return [...held, ...refused];
}

/** A message that could not be read at all. */
export function unreadable(received: number, failure: ParserFailure): MessageReading {
  return {
    messageId: "",
    sender: "",
    senderProof: "unchecked",
    subject: "",
    received,
    isMarkedAsSpam: false,
    deliveredTo: [],
    payloads: [],
    refused: [{ uid: undefined, outcome: { outcome: "error", reason: failure } }],
    remarks: [],
  };
}
