import { type Cursor, MAX_NUMBER } from "./cursor.ts";

/** Stands for `*` in a range, the largest number there is (RFC 9051 §9, `seq-number`). */
const LARGEST = Number.POSITIVE_INFINITY;

/** Sequence numbers or UIDs as a client names them: ranges in its order, or what SEARCH saved (RFC 5182). */
export type SequenceSet =
  | { readonly kind: "ranges"; readonly ranges: readonly (readonly [from: number, to: number])[] }
  | { readonly kind: "saved" };

/** Numbers from `first` to `last`, both included. */
export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** `sequence-set`: `1,3:5,7:*`, or `$`. */
export function parseSequenceSet(cursor: Cursor): SequenceSet {
  if (cursor.take("$")) return { kind: "saved" };
  const ranges: [number, number][] = [];
  do {
    const from = parseNumberOrStar(cursor);
    ranges.push([from, cursor.take(":") ? parseNumberOrStar(cursor) : from]);
  } while (cursor.take(","));
  return { kind: "ranges", ranges };
}

function parseNumberOrStar(cursor: Cursor): number {
  return cursor.take("*") ? LARGEST : cursor.nzNumber();
}

/**
 * The ranges in ascending order, without overlaps, `*` read as `largest`. Since `9:*` means the same
 * as `*:9`, it has the largest number in it even where that is below 9 (RFC 9051 §9, `seq-range`).
 */
export function resolveRanges(
  ranges: readonly (readonly [from: number, to: number])[],
  largest: number,
): NumberRange[] {
  const resolve = (number: number): number => (number === LARGEST ? largest : number);
  const ordered = ranges
    .map(([from, to]) => [resolve(from), resolve(to)] as const)
    .map(([from, to]) => ({ first: Math.min(from, to), last: Math.max(from, to) }))
    .sort((a, b) => a.first - b.first);
  const merged: NumberRange[] = [];
  for (const range of ordered) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last + 1) {
      merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** Whether a number is in ranges that `resolveRanges` gave. */
export function isInRanges(ranges: readonly NumberRange[], number: number): boolean {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.last ?? MAX_NUMBER) < number) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.first ?? Number.POSITIVE_INFINITY) <= number;
}

/** So many at a time: the strings of all numbers would be there together otherwise, which takes longer. */
const NUMBERS_PER_PIECE = 500;

/** Numbers with spaces between them. */
export function formatNumbers(numbers: readonly number[]): string {
  const pieces: string[] = [];
  for (let at = 0; at < numbers.length; at += NUMBERS_PER_PIECE) {
    pieces.push(numbers.slice(at, at + NUMBERS_PER_PIECE).join(" "));
  }
  return pieces.join(" ");
}

/**
 * Numbers as a set, in the order given, ascending runs as ranges: `1:3,7`. Order is kept because in
 * COPYUID the place in the set says what belongs together (RFC 4315 §3). Empty for none, which no set may be.
 */
export function formatNumberSet(numbers: Iterable<number>): string {
  const pieces: string[] = [];
  let first: number | undefined;
  let last = 0;
  const flush = (): void => {
    if (first !== undefined) pieces.push(first === last ? `${first}` : `${first}:${last}`);
  };
  for (const number of numbers) {
    if (first === undefined || number !== last + 1) {
      flush();
      first = number;
    }
    last = number;
  }
  flush();
  return pieces.join(",");
}
