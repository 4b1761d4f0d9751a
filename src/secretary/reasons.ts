import type { Outcome } from "../core/calendar/calendar.ts";

type Reason = Outcome["reason"];

/** Each reason as the end of a sentence that a user understands. */
const SENTENCES: Readonly<Record<Reason, string>> = {
  new: "it is a new event",
  orphan: "it is one date of a series that has not arrived, so it stands as an event of its own",
  reservation: "it follows from a reservation",
  newer: "it is a newer version of the event",
  "tie-break": "it is as new as the version before, but was modified later",
  instance: "it changes one date of the series",
  "instance-cancelled": "it cancels one date of the series",
  add: "it adds a date to the series",
  truncated: "it ends the series early",
  series: "it cancels the event",
  "last-instance": "it cancels the last date that was left",
  duplicate: "it says nothing new",
  stale: "something newer is known already",
  "held-cancel": "it cancels something that has not arrived yet",
  "method-ignored": "it is an answer or a proposal, which changes no calendar",
  "uninvite-other": "it takes back somebody else's invitation",
  "unsupported-component": "it is a task, a journal entry or the like, not an event",
  "sender-not-allowed": "its sender may not publish or change this here",
  "organizer-mismatch": "it names another organizer than the event has",
  "lower-ranked-carrier": "the same event stands in a better part of the same message",
  bounce: "it is part of a delivery report",
  "no-calendar": "there is nothing for a calendar in it",
  parse: "it cannot be read as iCalendar",
  "no-uid-cancel": "it is a cancellation that does not say of what",
  "no-dtstart": "it has no start",
  "bad-date": "it has a date that does not exist, or is out of the years 1900 to 2100",
  "too-large": "it is larger than calendar data may be",
  "too-many": "there are more of them than one message may bring",
  "too-deep": "it is wrapped in too many other messages",
  tnef: "winmail.dat cannot be read",
  internal: "reading it failed; this is a fault of this program",
};

const VERBS: Readonly<Record<Outcome["outcome"], string>> = {
  added: "Added",
  updated: "Updated",
  cancelled: "Cancelled",
  no_action: "Ignored",
  error: "Not usable",
};

/** What becomes of a component before the events that are known come into it. */
const OF_READING: ReadonlySet<string> = new Set<Reason>([
  "method-ignored",
  "unsupported-component",
  "lower-ranked-carrier",
  "bounce",
  "no-calendar",
  "parse",
  "no-uid-cancel",
  "no-dtstart",
  "bad-date",
  "too-large",
  "too-many",
  "too-deep",
  "tnef",
  "internal",
]);

/** Whether a reason follows from the message alone, whatever else is known. */
export function isOfReading(reason: string): boolean {
  return OF_READING.has(reason);
}

/** `Added`, `Ignored`. */
export function verbFor({ outcome, reason }: Outcome): string {
  return reason === "held-cancel" ? "Kept for later" : VERBS[outcome];
}

/** `Added: it is a new event`. */
export function sentenceFor(outcome: Outcome): string {
  return `${verbFor(outcome)}: ${SENTENCES[outcome.reason]}`;
}

/** The same for an outcome that was read back from the log. */
export function sentenceForWords(outcome: string, reason: string): string {
  return sentenceFor({ outcome, reason } as Outcome);
}
