/**
 * Greylisting (RFC 6647): who has never written before is asked to come back after a while, which mail
 * servers do and most spamming programs do not. This decides from what is remembered; it remembers
 * nothing itself and reads no clock. It does not know SMTP's answers.
 */

/** One RCPT. */
export interface GreylistAttempt {
  /**
   * Where the mail comes from: the network of the address, since many senders retry from a
   * neighbouring host; or the domain for which SPF passed, since large ones retry from anywhere.
   */
  readonly source: string;
  readonly reversePath: string;
  readonly forwardPath: string;
}

export interface GreylistRules {
  /** How long a stranger must wait. */
  readonly delayMs: number;
  /** How long a stranger may wait, and how long one that came back is remembered after its last mail. */
  readonly expiryMs: number;
}

/** What is remembered about an attempt: milliseconds since 1970. */
export interface GreylistMemory {
  /** When this triplet of source, sender and recipient was first seen. */
  readonly waitingSince?: number;
  /** When this source last sent mail of this sender's domain that passed. */
  readonly provenAt?: number;
}

/** `remember` says what to keep. */
export type GreylistVerdict =
  | { readonly kind: "pass"; readonly remember: "proven" }
  | { readonly kind: "wait"; readonly seconds: number; readonly remember: "waiting" | "nothing" };

/** Under what an attempt is remembered. */
export interface GreylistKeys {
  readonly source: string;
  readonly sender: string;
  readonly recipient: string;
  /** Mailing lists and forwarders make a return path per message: its domain is what proves itself. */
  readonly senderDomain: string;
}

/** Letter case never tells two senders apart here. The null sender is the domain "". */
export function greylistKeys({ source, reversePath, forwardPath }: GreylistAttempt): GreylistKeys {
  const sender = reversePath.toLowerCase();
  return {
    source: source.toLowerCase(),
    sender,
    recipient: forwardPath.toLowerCase(),
    senderDomain: sender.slice(sender.lastIndexOf("@") + 1),
  };
}

/**
 * Decides about an attempt at `now`. Coming back early does not make the wait longer; coming back later
 * than `expiryMs` begins it anew. A clock that was set back makes nobody wait longer than `delayMs`.
 */
export function decideGreylist(memory: GreylistMemory, now: number, rules: GreylistRules): GreylistVerdict {
  if (isWithin(memory.provenAt, now, rules.expiryMs)) return { kind: "pass", remember: "proven" };
  if (!isWithin(memory.waitingSince, now, rules.expiryMs)) {
    return { kind: "wait", seconds: Math.ceil(rules.delayMs / 1000), remember: "waiting" };
  }
  const remainingMs = Math.min(rules.delayMs, memory.waitingSince + rules.delayMs - now);
  if (remainingMs <= 0) return { kind: "pass", remember: "proven" };
  return { kind: "wait", seconds: Math.ceil(remainingMs / 1000), remember: "nothing" };
}

function isWithin(instant: number | undefined, now: number, durationMs: number): instant is number {
  return instant !== undefined && now - instant < durationMs;
}
