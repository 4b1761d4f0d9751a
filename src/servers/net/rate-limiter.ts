/** More keys than this are not remembered: the ones unused for longest are forgotten, as if they were new. */
const MAX_KEYS = 20_000;

export interface Rate {
  /** How many may come at once. */
  readonly burst: number;
  /** How often one more may come after that. */
  readonly intervalMs: number;
}

/**
 * How often something may happen per key: the generic cell rate algorithm (ITU-T I.371), which is
 * a token bucket that needs a single number per key.
 */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #now: () => Date;
  /** When each key's bucket will be full again, least recently used first. */
  readonly #fullAt = new Map<string, number>();

  constructor(rate: Rate, now: () => Date) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Milliseconds until the key may do it once more; 0 is now. Changes nothing. */
  waitMs(key: string): number {
    const { burst, intervalMs } = this.#rate;
    const now = this.#now().getTime();
    const fullAt = this.#fullAt.get(key) ?? now;
    return Math.max(0, fullAt + intervalMs - burst * intervalMs - now);
  }

  /** Counts one, whether it was time or not. */
  take(key: string): void {
    const now = this.#now().getTime();
    this.#set(key, Math.max(now, this.#fullAt.get(key) ?? now) + this.#rate.intervalMs);
  }

  /** Takes one count back: it turned out to be harmless. */
  putBack(key: string): void {
    const fullAt = this.#fullAt.get(key);
    if (fullAt !== undefined) this.#set(key, fullAt - this.#rate.intervalMs);
  }

  #set(key: string, fullAt: number): void {
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
    if (this.#fullAt.size <= MAX_KEYS) return;
    for (const [oldest] of this.#fullAt) {
      this.#fullAt.delete(oldest);
      break;
    }
  }
}
