import type { LimitsPerConnection } from "../net/net.ts";

/** Everything a client is limited in. */
export interface WebLimits {
  readonly connections: LimitsPerConnection;
  /** A request is a few hundred octets, whole, or somebody is keeping the connection busy; TLS counts too. */
  readonly requestMs: number;
  /** How often it is looked for requests that took too long. */
  readonly checkMs: number;
  /** Time without an octet sent or taken, in answers to clients that stopped reading, too. */
  readonly idleMs: number;
  /** Apps come every few minutes; between two requests of one visit this is long. */
  readonly keepAliveMs: number;
  /** Time for answers that are being sent when the server stops. */
  readonly drainMs: number;
}

export const WEB_LIMITS: WebLimits = {
  connections: {
    total: 500,
    // A household has a few apps behind one address.
    open: [50, 100, 200],
    rate: [
      { burst: 200, intervalMs: 100 },
      { burst: 300, intervalMs: 75 },
      { burst: 400, intervalMs: 50 },
    ],
  },
  requestMs: 15_000,
  checkMs: 5_000,
  idleMs: 60_000,
  keepAliveMs: 5_000,
  drainMs: 8_000,
};
