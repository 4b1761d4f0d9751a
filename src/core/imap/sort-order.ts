import type { SortCriterion } from "./command.ts";
import { OrderKeys } from "./order-keys.ts";

/** What an index has of a message, as far as `sortedParts` names it. */
export interface SortedParts {
  /** Milliseconds since 1970; null where there is no Date field with a date. */
  readonly sentAt?: number | null;
  /** For `OrderKeys`. */
  readonly keys?: string;
}

export interface SortedFacts {
  /** Milliseconds since 1970. */
  readonly internalDate: number;
  readonly octets: number;
}

/** What of `SortedParts` the criteria need. */
export function sortedParts(criteria: readonly SortCriterion[]): (keyof SortedParts)[] {
  const parts = new Set<keyof SortedParts>();
  for (const { key } of criteria) {
    if (key === "DATE") parts.add("sentAt");
    else if (key !== "ARRIVAL" && key !== "SIZE") parts.add("keys");
  }
  return [...parts];
}

/** The Date field's instant, or the internal date where it has none (RFC 5256 §2.2). */
export function sentDate(
  { internalDate }: Pick<SortedFacts, "internalDate">,
  { sentAt }: SortedParts,
): number {
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

  add(number: number, facts: SortedFacts, parts: SortedParts): void {
    this.#numbers.push(number);
    const keys = parts.keys === undefined ? undefined : new OrderKeys(parts.keys);
    for (let level = 0; level < this.#criteria.length; level += 1) {
      const key = this.#criteria[level]?.key ?? "ARRIVAL";
      this.#columns[level]?.push(key === "DATE" ? sentDate(facts, parts) : sortValue(key, facts, keys));
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
  key: Exclude<SortCriterion["key"], "DATE">,
  facts: SortedFacts,
  keys: OrderKeys | undefined,
): string | number {
  switch (key) {
    case "ARRIVAL":
      return facts.internalDate;
    case "SIZE":
      return facts.octets;
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
    const a = column[one] ?? 0;
    const b = column[other] ?? 0;
    if (a === b) return 0;
    return a < b ? -sign : sign;
  };
}
