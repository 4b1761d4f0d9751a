import type { LimitsPerConnection } from "../net/net.ts";

/** Everything a client is limited in besides the size of a message, which is a setting. */
export interface ImapLimits {
  readonly connections: LimitsPerConnection;
  /** A command without the messages of an APPEND, before and after login (RFC 7162 §4: 8192 at least). */
  readonly commandOctets: number;
  readonly loggedInCommandOctets: number;
  /** Commands answered with BAD in a row; a program that goes on is not an IMAP client. */
  readonly badCommands: number;
  /** Commands before login; a mail app needs about five, and one that guesses a few more. */
  readonly strangerCommands: number;
  /** Time from connecting to the login, in which an attempt may have to wait for half a minute. */
  readonly loginMs: number;
  /** Time without a command; RFC 9051 §5.4 demands 30 minutes at least. */
  readonly idleMs: number;
  /** In IDLE a word is sent so often, or routers forget the connection. */
  readonly keepAliveMs: number;
  /** Time for commands under way when the server stops. */
  readonly drainMs: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

export const IMAP_LIMITS: ImapLimits = {
  connections: {
    total: 500,
    // One mail app opens ten; a household behind one address has several apps.
    open: [100, 150, 200],
    rate: [
      { burst: 200, intervalMs: 200 },
      { burst: 300, intervalMs: 150 },
      { burst: 400, intervalMs: 100 },
    ],
  },
  commandOctets: 16 * 1024,
  loggedInCommandOctets: 256 * 1024,
  badCommands: 20,
  strangerCommands: 100,
  loginMs: 2 * MINUTE_MS,
  idleMs: 30 * MINUTE_MS,
  keepAliveMs: 2 * MINUTE_MS,
  drainMs: 5 * SECOND_MS,
};
