import type { MessageReading } from "../core/payloads/payloads.ts";

/** Whose mail the user trusts, and whose is published without being asked. */
export interface Policy {
  /** `any`: everybody's invitations are published; `list`: only those of trusted senders. */
  readonly publish: "any" | "list";
  isTrustedSender(address: string): boolean;
}

/** Where a message to the secretary goes. */
export type Placement =
  /** It is part of the calendar. */
  | "publish"
  /** It would be, if the user moved it there. */
  | "hold"
  /** It says nothing to the calendar, so it is mail to be read. */
  | "ordinary";

/** Decides from the reading alone, so that the same message always goes the same way. */
export function placementOf(reading: MessageReading, policy: Policy): Placement {
  if (reading.payloads.length === 0) return "ordinary";
  if (reading.isMarkedAsSpam) return "hold";
  return policy.publish === "any" || policy.isTrustedSender(reading.sender) ? "publish" : "hold";
}
