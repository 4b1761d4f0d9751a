/** What became of one component, and why; the vocabulary of the decision log. */
export type Outcome =
  | { readonly outcome: "added"; readonly reason: "new" | "orphan" | "reservation" }
  | {
      readonly outcome: "updated";
      readonly reason: "newer" | "tie-break" | "instance" | "instance-cancelled" | "add" | "truncated";
    }
  | { readonly outcome: "cancelled"; readonly reason: "series" | "last-instance" | "reservation" }
  | {
      readonly outcome: "no_action";
      readonly reason:
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
    }
  | {
      readonly outcome: "error";
      readonly reason:
        | "parse"
        | "no-uid-cancel"
        | "no-dtstart"
        | "bad-date"
        | "too-large"
        | "too-many"
        | "too-deep"
        | "tnef"
        | "internal";
    };
