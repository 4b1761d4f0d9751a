/** Asks the DNS; rejects with the codes of `node:dns`, as `node:dns/promises` does. */
export type Resolve = (name: string, type: string) => Promise<string[][] | string[]>;

export interface BudgetedResolve {
  readonly resolve: Resolve;
  /** What `work` resolves with, or a rejection when the time is over before. */
  within<T>(work: Promise<T>): Promise<T>;
}

/**
 * Bounds what one message may ask of the DNS, in questions and in time: its sender wrote the names.
 * Over budget, every further question fails as if no server had answered.
 */
export function withBudget(
  resolve: Resolve,
  { questions, ms }: { readonly questions: number; readonly ms: number },
): BudgetedResolve {
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => undefined); // also when nobody waits for it
  let left = questions;
  return {
    async resolve(name, type) {
      if (--left < 0) throw timeoutError("Too many questions for the DNS");
      return Promise.race([resolve(name, type), over.promise]);
    },
    async within(work) {
      const timer = setTimeout(() => over.reject(timeoutError("The DNS took too long")), ms);
      try {
        return await Promise.race([work, over.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { code: "ETIMEOUT" });
}
