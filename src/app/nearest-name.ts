export interface NearestName {
  readonly name: string;
  /** Letters left out, put in, mistaken or swapped with their neighbour; upper and lower case are the same. */
  readonly slips: number;
}

/** The candidate with the fewest slips, the first of several. There must be at least one candidate. */
export function findNearestName(word: string, candidates: readonly string[]): NearestName {
  const measured = candidates.map((name) => ({
    name,
    slips: countSlips(word.toUpperCase(), name.toUpperCase()),
  }));
  return measured.reduce((best, next) => (next.slips < best.slips ? next : best));
}

/** The distance of Damerau and Levenshtein, in its form without edits inside a swapped pair. */
function countSlips(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const mistaken = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + mistaken,
          swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
