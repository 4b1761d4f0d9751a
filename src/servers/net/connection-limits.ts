import { networksOf, scopeOf } from "./networks.ts";
import type { Peer } from "./proxies.ts";
import { type Rate, RateLimiter } from "./rate-limiter.ts";

/** Limits of one server, for an address, its /24 or /64, and its /16 or /48. */
export interface LimitsPerConnection {
  /** Open at once, in all. */
  readonly total: number;
  /** Open at once, per network. */
  readonly open: readonly [address: number, site: number, region: number];
  /** New ones, per network. */
  readonly rate: readonly [address: Rate, site: Rate, region: Rate];
}

export interface ConnectionLimits {
  /**
   * Counts a new connection and returns what to call when it has closed, or nothing when one of
   * the limits is reached: then it is not counted either, and a refused flood does not prolong
   * its own ban.
   */
  admit(peer: Pick<Peer, "address" | "isProxy">): (() => void) | undefined;
}

/**
 * Proxies, loopback and private addresses count for the total only: behind a proxy or in a container
 * without host networking, everybody has the same.
 */
export function createConnectionLimits(limits: LimitsPerConnection, now: () => Date): ConnectionLimits {
  const open = new Map<string, number>();
  const rates = limits.rate.map((rate) => new RateLimiter(rate, now));
  let total = 0;

  function count(key: string, difference: 1 | -1): void {
    const next = (open.get(key) ?? 0) + difference;
    if (next === 0) open.delete(key);
    else open.set(key, next);
  }

  return {
    admit({ address, isProxy }) {
      const networks = !isProxy && scopeOf(address) === "public" ? networksOf(address) : [];
      const full =
        total >= limits.total ||
        networks.some((network, width) => (open.get(network) ?? 0) >= (limits.open[width] ?? 0)) ||
        networks.some((network, width) => (rates[width]?.waitMs(network) ?? 0) > 0);
      if (full) return undefined;
      total++;
      for (const [width, network] of networks.entries()) {
        count(network, 1);
        rates[width]?.take(network);
      }
      let released = false;
      return () => {
        if (released) return;
        released = true;
        total--;
        for (const network of networks) count(network, -1);
      };
    },
  };
}
