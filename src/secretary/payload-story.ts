import {
  type CalendarRecord,
  type Group,
  type Known,
  type Outcome,
  type ReceivedPayload,
  tellChanges,
  tellEvent,
  tellInstant,
  tellTime,
} from "../core/calendar/calendar.ts";
import { sentenceFor, verbFor } from "./reasons.ts";

/**
 * What one payload wants of an event, what that changes for readers, or why it does not count.
 *
 * @param group what came before it; it is added
 * @param zone by whose clocks it is said when versions were made
 */
export function tellPayload(received: ReceivedPayload, group: Group, zone: string): string[] {
  const { records } = received.payload;
  const before = records.map((record) => group.known(record, received.payload));
  const wasCancelled = group.state.master === undefined && group.state.tombstone !== undefined;
  const organizer = group.state.master?.record.organizer?.address;
  const outcomes = group.add(received);
  return records.flatMap((record, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) return [tellIntent(record)];
    const known = before[index];
    const why =
      whyStale(outcome, record, { known, zone, wasCancelled }) ??
      whyRefused(outcome, received, organizer) ??
      whyOrphan(outcome, group);
    const told = why === undefined ? sentenceFor(outcome) : `${verbFor(outcome)}: ${why}`;
    return [tellIntent(record), `→ ${told}`, ...changesOf(outcome, record, known)];
  });
}

/** What a component wants. */
function tellIntent({ kind, recurrenceId, content }: CalendarRecord): string {
  const event = content === undefined ? "" : tellEvent(content);
  if (kind === "add") return `Adds a date: ${event}`;
  if (recurrenceId === undefined) return kind === "cancel" ? "Cancels the event" : `Says: ${event}`;
  const time = tellTime(recurrenceId.time);
  const which = recurrenceId.thisAndFuture ? `all dates from ${time} on` : `the date ${time}`;
  return kind === "cancel" ? `Cancels ${which}` : `Changes ${which} to: ${event}`;
}

/** What the calendar showed before, and now. */
function changesOf(
  { outcome }: Outcome,
  { kind, content }: CalendarRecord,
  known: Known | undefined,
): string[] {
  const isChange = outcome === "updated" && kind !== "cancel";
  if (!isChange || content === undefined || known === undefined) return [];
  const changes = tellChanges(known.content, content);
  if (changes.length === 0) return ["     nothing that a calendar shows is different"];
  return changes.map((change) => `     ${change}`);
}

function whyStale(
  { reason }: Outcome,
  { sequence, stamp, kind, sequenceKnown }: CalendarRecord,
  { known, zone, wasCancelled }: { known: Known | undefined; zone: string; wasCancelled: boolean },
): string | undefined {
  if (reason !== "stale") return undefined;
  if (wasCancelled) return "it is not newer than the cancellation";
  if (known === undefined) return undefined;
  const { record } = known;
  const isNumbered = kind !== "cancel" || sequenceKnown;
  if (isNumbered && sequence < record.sequence) {
    return `its sender numbered it version ${sequence}, and version ${record.sequence} is known`;
  }
  if (sequence === record.sequence && stamp === record.stamp) {
    return "another that is just as new differs from it, and counts";
  }
  if (stamp >= record.stamp) return undefined;
  return `it was made on ${tellInstant(stamp, zone)}, and what is known on ${tellInstant(record.stamp, zone)}`;
}

function whyRefused(
  { reason }: Outcome,
  { sender, payload }: ReceivedPayload,
  organizer: string | undefined,
): string | undefined {
  const owner = organizer ?? "whoever sent it first";
  if (reason === "sender-not-allowed") {
    return `the event belongs to ${owner}, and ${sender || "its sender"} is not of the same organization`;
  }
  if (reason !== "organizer-mismatch") return undefined;
  const named = payload.records.find((record) => record.organizer !== undefined)?.organizer?.address;
  return `the event belongs to ${owner}, and this says that it belongs to ${named ?? "nobody"}`;
}

function whyOrphan({ reason }: Outcome, { state }: Group): string | undefined {
  if (reason !== "orphan" || state.master === undefined) return undefined;
  return "the series has no such date, so it stands as an event of its own";
}
