import type { SortCriterion } from "./command.ts";
import type { OrderKeys } from "./order-keys.ts";

/** What is known of some messages, in columns: objects for a hundred thousand take longer than ordering them. */
export interface OrderedColumns<Key extends keyof OrderKeys = keyof OrderKeys> {
  /** Milliseconds since 1970. */
  readonly internalDates: readonly number[];
  readonly octets: readonly number[];
  readonly parts: { readonly [K in Key]?: readonly OrderKeys[K][] };
}

const KEYS = { DATE: "sentAt", SUBJECT: "subjectKey", FROM: "fromKey", TO: "toKey", CC: "ccKey" } as const;

/** Which columns besides sizes and dates the criteria need. */
export function sortedKeys(criteria: readonly SortCriterion[]): (keyof OrderKeys)[] {
  const keys = criteria.flatMap(({ key }) => (key === "ARRIVAL" || key === "SIZE" ? [] : KEYS[key]));
  return [...new Set(keys)];
}

/** The Date field's instants, or internal dates where there are none (RFC 5256 §2.2). */
export function sentDates({ internalDates, parts }: OrderedColumns<"sentAt">): number[] {
  return internalDates.map((internalDate, nth) => parts.sentAt?.[nth] ?? internalDate);
}

/** A column with room for so many values: one that grows value by value takes three times as long. */
export function makeColumn<T>(count: number, value: T): T[] {
  return Array<T>(count).fill(value);
}

/** 0, 1, 2 and so on. */
export function countUp(count: number): number[] {
  const places = makeColumn(count, 0);
  for (let place = 0; place < count; place += 1) places[place] = place;
  return places;
}

/** Takes messages, many at a time, and gives their numbers in order. */
export class MessageSorter {
  readonly #criteria: readonly SortCriterion[];
  readonly #numbers: number[];
  /** By criterion; the values of one are all of one kind. */
  readonly #columns: (string | number)[][];
  #count = 0;

  /** There will be at most `capacity` messages. */
  constructor(criteria: readonly SortCriterion[], capacity: number) {
    this.#criteria = criteria;
    this.#numbers = makeColumn(capacity, 0);
    this.#columns = criteria.map(({ key }) =>
      makeColumn<string | number>(capacity, isNumber(key) ? Number.NaN : ""),
    );
  }

  add(numbers: readonly number[], columns: OrderedColumns): void {
    put(this.#numbers, this.#count, numbers);
    for (const [level, { key }] of this.#criteria.entries()) {
      put(this.#columns[level] ?? [], this.#count, valuesOf(key, columns));
    }
    this.#count += numbers.length;
  }

  /** What is equal stays in the order in which it was added (RFC 5256 §3). */
  sort(): number[] {
    const places = countUp(this.#count).sort(this.#comparison());
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

function put<T>(column: T[], start: number, values: readonly T[]): void {
  for (let nth = 0; nth < values.length; nth += 1) column[start + nth] = values[nth] as T;
}

function isNumber(key: SortCriterion["key"]): boolean {
  return key === "ARRIVAL" || key === "DATE" || key === "SIZE";
}

function valuesOf(key: SortCriterion["key"], columns: OrderedColumns): readonly (string | number)[] {
  switch (key) {
    case "ARRIVAL":
      return columns.internalDates;
    case "DATE":
      return sentDates(columns);
    case "SIZE":
      return columns.octets;
    default:
      return columns.parts[KEYS[key]] ?? [];
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
