import type { MessageReading, SenderProof } from "../core/payloads/payloads.ts";

/** Whose mail the user trusts, and whose is published without being asked. */
export interface Policy {
  /**
   * `any`: everybody's invitations are published; `list`: only those of trusted senders; `verified`: only
   * those whose sender is verified, and of trusted ones that nobody could look at.
   */
  readonly publish: "any" | "list" | "verified";
  isTrustedSender(address: string, proof: SenderProof): boolean;
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
  return mayPublish(reading, policy) ? "publish" : "hold";
}

function mayPublish({ sender, senderProof }: MessageReading, policy: Policy): boolean {
  switch (policy.publish) {
    case "any":
      return true;
    case "list":
      return policy.isTrustedSender(sender, senderProof);
    case "verified":
      if (senderProof === "unchecked") return policy.isTrustedSender(sender, senderProof);
      return senderProof === "verified";
  }
}
