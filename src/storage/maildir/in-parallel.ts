/** Does something with every item, with so many at a time. Stops at the first failure and throws it. */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let hasFailed = false;
  const work = async () => {
    for (let next = iterator.next(); !next.done && !hasFailed; next = iterator.next()) {
      try {
        await act(next.value);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: limit }, work));
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
}

/**
 * Begins with the next `ahead` items before the result of one is handed on, in the order of the items. Nobody
 * need wait for what has begun when the one who iterates leaves.
 */
export async function* workAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  begin: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for (const item of items) {
    const next = begin(item);
    next.catch(() => {}); // who gets the result hears of it
    begun.push(next);
    const first = begun.length > ahead ? begun.shift() : undefined;
    if (first !== undefined) yield first;
  }
  yield* begun;
}

/** The items in lists of at most `size`. */
export function* inBatches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Resolves when all are done; fails, when all are done, if one of them failed. */
export async function allDone(tasks: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(tasks);
  await Promise.all(tasks);
}
