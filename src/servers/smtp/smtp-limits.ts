import type { LimitsPerConnection } from "../net/net.ts";

/** Everything a client is limited in; the message's size is a setting, and smtp-server's `size`. */
export interface SmtpLimits {
  readonly connections: LimitsPerConnection;
  /** When connections run short, sessions that have been idle for so long have to go. */
  readonly evictableMs: number;
  /** RFC 5321 §4.5.3.1.8 demands 100 at least. */
  readonly recipients: number;
  /** Command lines; RFC 5321 §4.5.3.1.4 has 512, and SMTPUTF8 and long return paths need more. */
  readonly commandOctets: number;
  /** Commands of one session since its last message: who goes on is here to keep us busy. */
  readonly commands: number;
  /** Answers of 4yz and 5yz in one session. */
  readonly errors: number;
  /** So many of them are free; each further one makes the client wait for the next answer. */
  readonly freeErrors: number;
  readonly errorDelayMs: number;
  /** `Received` fields; RFC 5321 §6.3 demands that 100 are let pass. */
  readonly hops: number;
  /** Size of a header: whoever parses it, here and later, holds it in memory. */
  readonly headerOctets: number;
  /** Messages in transfer at once, from everywhere. */
  readonly transfers: number;
  /** Time for one command, from the answer before to its line end (RFC 5321 §4.5.3.2.7: 5 minutes). */
  readonly commandMs: number;
  /** Time without one octet, in DATA too. */
  readonly idleMs: number;
  /** Time for one message, from 354 to its last octet: 10 MB at 6 KB/s. */
  readonly dataMs: number;
  /** Time for a session; a message that has begun may be finished. */
  readonly sessionMs: number;
  /** Time for what is being received when the server stops. */
  readonly drainMs: number;
}

const MINUTE_MS = 60_000;

export const SMTP_LIMITS: SmtpLimits = {
  connections: {
    total: 2000, // an idle one costs 13 KB (`npm run bench -- smtp-load`)
    open: [20, 40, 80],
    // A mailing list of ours arrives in bursts; a botnet arrives from everywhere at once.
    rate: [
      { burst: 100, intervalMs: 600 },
      { burst: 200, intervalMs: 300 },
      { burst: 400, intervalMs: 150 },
    ],
  },
  evictableMs: 10_000,
  recipients: 100,
  commandOctets: 4096,
  commands: 1000, // a hundred recipients and their RSETs, many times over
  errors: 20,
  freeErrors: 10,
  errorDelayMs: 2_000,
  hops: 100,
  headerOctets: 256 * 1024,
  transfers: 200,
  commandMs: 5 * MINUTE_MS,
  idleMs: 5 * MINUTE_MS,
  dataMs: 30 * MINUTE_MS,
  sessionMs: 60 * MINUTE_MS,
  drainMs: 8_000,
};
