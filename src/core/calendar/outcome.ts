/** What became of one component, and why; the vocabulary of the decision log. */
export type Outcome =
  | { readonly outcome: "added"; readonly reason: AddedReason }
  | { readonly outcome: "updated"; readonly reason: UpdatedReason }
  | { readonly outcome: "cancelled"; readonly reason: CancelledReason }
  | { readonly outcome: "no_action"; readonly reason: NoActionReason }
  | { readonly outcome: "error"; readonly reason: ErrorReason };

type AddedReason = "new" | "orphan" | "reservation";
type UpdatedReason = "newer" | "tie-break" | "instance" | "instance-cancelled" | "add" | "truncated";
type CancelledReason = "series" | "last-instance" | "reservation";
type NoActionReason =
  | "duplicate"
  | "stale"
  | "held-cancel"
  | "method-ignored"
  | "uninvite-other"
  | "unsupported-component"
  | "sender-not-allowed"
  | "organizer-mismatch"
  | "lower-ranked-carrier"
  | "bounce"
  | "no-calendar";
type ErrorReason =
  | "parse"
  | "no-uid-cancel"
  | "no-dtstart"
  | "bad-date"
  | "too-large"
  | "too-many"
  | "too-deep"
  | "tnef"
  | "internal";

export function added(reason: AddedReason): Outcome {
  return { outcome: "added", reason };
}

export function updated(reason: UpdatedReason): Outcome {
  return { outcome: "updated", reason };
}

export function cancelled(reason: CancelledReason): Outcome {
  return { outcome: "cancelled", reason };
}

export function noAction(reason: NoActionReason): Outcome {
  return { outcome: "no_action", reason };
}

/** Whether readers of the feed may notice it. */
export function isAction({ outcome }: Outcome): boolean {
  return outcome !== "no_action" && outcome !== "error";
}
