/** So many are begun before the first of them is needed: enough to keep the disk and libuv's threads busy. */
const DEPTH = 8;

/**
 * Begins something for each item some items ahead, and gives the results in order. What was begun and is
 * not taken any more, because the consumer stopped, is given to `drop`.
 */
export async function* ahead<Item, Result>(
  items: Iterable<Item>,
  begin: (item: Item) => Promise<Result>,
  drop: (result: Result) => Promise<unknown>,
): AsyncGenerator<readonly [Item, Result]> {
  const begun: (readonly [Item, Promise<Result>])[] = [];
  try {
    for (const item of items) {
      const result = begin(item);
      result.catch(() => {}); // it is thrown where it is awaited
      begun.push([item, result]);
      const first = begun.length >= DEPTH ? begun.shift() : undefined;
      if (first !== undefined) yield [first[0], await first[1]];
    }
    for (let first = begun.shift(); first !== undefined; first = begun.shift()) {
      yield [first[0], await first[1]];
    }
  } finally {
    await Promise.allSettled(begun.map(async ([, result]) => drop(await result)));
  }
}
