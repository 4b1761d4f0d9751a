import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 10;

/** Looks until `look` no longer throws, and fails with what it threw last when `withinMs` are over. */
export async function eventually<T>(withinMs: number, look: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(LOOK_EVERY_MS);
  }
}
