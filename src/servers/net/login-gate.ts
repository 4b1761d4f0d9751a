import { networksOf, scopeOf } from "./networks.ts";
import { type Rate, RateLimiter } from "./rate-limiter.ts";

/** `slow-down`: not looked at, whether right or wrong. */
export type LoginOutcome = "accepted" | "refused" | "slow-down";

/** Looks at one attempt from an address, whatever it is, unless there were too many. */
export type LoginGate = (address: string, check: () => Promise<boolean>) => Promise<LoginOutcome>;

/** One attempt with a password; all servers share the gate before it. */
export type AttemptLogin = (address: string, user: string, password: string) => Promise<LoginOutcome>;

/** A person mistypes, an app repeats an old password on ten connections at once: then one guess in 6 s. */
const FAILURES: Rate = { burst: 20, intervalMs: 6_000 };
/** An attempt that would have to wait longer is answered at once, and not looked at. */
const MAX_WAIT_MS = 30_000;
/** Everybody may have this address, behind a proxy or in a container: it is slowed down, and never refused. */
const MAX_SHARED_WAIT_MS = 3_000;
/** Attempts that wait at once, from everywhere; who has not failed does not have to. */
const MAX_WAITING = 100;

/**
 * Slows guessing down. Only failures count, so the owner's apps never wait, however many
 * connections they open; who has failed too often waits before the next attempt is looked at, or
 * one could guess in parallel and see the right one answered faster. There is no lock-out: it
 * would let anyone behind the owner's address lock the owner out.
 */
export function createLoginGate(now: () => Date): LoginGate {
  const failures = new RateLimiter(FAILURES, now);
  let waiting = 0;

  async function wait(ms: number): Promise<void> {
    waiting++;
    await new Promise((resolve) => setTimeout(resolve, ms).unref());
    waiting--;
  }
  return async (address, check) => {
    const key = guessersKey(address);
    const isShared = scopeOf(address) !== "public";
    const waitMs = Math.min(failures.waitMs(key), isShared ? MAX_SHARED_WAIT_MS : Number.POSITIVE_INFINITY);
    if (waitMs > MAX_WAIT_MS || (waitMs > 0 && waiting >= MAX_WAITING)) return "slow-down";
    failures.take(key); // before the check: attempts at the same time must count each other
    if (waitMs > 0) await wait(waitMs);
    if (!(await check())) return "refused";
    failures.putBack(key);
    return "accepted";
  };
}

/** IPv4 by address, IPv6 by the network that one customer has. */
function guessersKey(address: string): string {
  const [single, site] = networksOf(address);
  return single.includes(":") ? site : single;
}
