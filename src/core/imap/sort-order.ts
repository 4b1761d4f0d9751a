import type { SortCriterion } from "./command.ts";
import { OrderKeys } from "./order-keys.ts";

/** What of a message it may be sorted by (RFC 5256 §3). Times in milliseconds since 1970. */
export interface SortSource {
  /** Null or missing where there is no Date field with a date. */
  readonly sentAt?: number | null;
  /** For `OrderKeys`; missing when no criterion needs it. */
  readonly keys?: string;
  readonly internalDate: number;
  readonly octets: number;
}

/** Which of the parts of `SortSource` that are not always there the criteria need. */
export function sortedParts(criteria: readonly SortCriterion[]): ("sentAt" | "keys")[] {
  const parts = new Set<"sentAt" | "keys">();
  for (const { key } of criteria) {
    if (key === "DATE") parts.add("sentAt");
    else if (key !== "ARRIVAL" && key !== "SIZE") parts.add("keys");
  }
  return [...parts];
}

/** The Date field's instant, or the internal date where it has none (RFC 5256 §2.2). */
export function sentDate({ sentAt, internalDate }: SortSource): number {
  return sentAt ?? internalDate;
}

/** Takes messages and gives their numbers in order. Columns of values: an object for each message takes longer. */
export class MessageSorter {
  readonly #criteria: readonly SortCriterion[];
  readonly #numbers: number[] = [];
  /** By criterion; the values of one are all of one kind. */
  readonly #columns: (string | number)[][];

  constructor(criteria: readonly SortCriterion[]) {
    this.#criteria = criteria;
    this.#columns = criteria.map(() => []);
  }

  add(number: number, source: SortSource): void {
    this.#numbers.push(number);
    const keys = source.keys === undefined ? undefined : new OrderKeys(source.keys);
    for (let level = 0; level < this.#criteria.length; level += 1) {
      this.#columns[level]?.push(sortValue(this.#criteria[level]?.key, source, keys));
    }
  }

  /** What is equal stays in the order in which it was added (RFC 5256 §3). */
  sort(): number[] {
    const places = this.#numbers.map((_, place) => place);
    places.sort(this.#comparison());
    return places.map((place) => this.#numbers[place] ?? 0);
  }

  #comparison(): (one: number, other: number) => number {
    const levels = this.#criteria.map(({ isReverse }, level) =>
      comparison(this.#columns[level] ?? [], isReverse),
    );
    const [first] = levels;
    if (levels.length === 1 && first !== undefined) return first;
    return (one, other) => {
      for (const compare of levels) {
        const order = compare(one, other);
        if (order !== 0) return order;
      }
      return 0;
    };
  }
}

function sortValue(
  key: SortCriterion["key"] | undefined,
  source: SortSource,
  keys: OrderKeys | undefined,
): string | number {
  switch (key) {
    case undefined:
    case "ARRIVAL":
      return source.internalDate;
    case "DATE":
      return sentDate(source);
    case "SIZE":
      return source.octets;
    case "SUBJECT":
      return keys?.subject.text ?? "";
    default:
      return keys?.firstMailbox(key) ?? "";
  }
}

/** Compares the values at two places. */
function comparison(column: readonly (string | number)[], isReverse: boolean) {
  const sign = isReverse ? -1 : 1;
  return (one: number, other: number): number => {
    const [a, b] = [column[one] ?? 0, column[other] ?? 0];
    if (a === b) return 0;
    return a < b ? -sign : sign;
  };
}
