import type { OrderKeys } from "./order-keys.ts";
import { countUp, makeColumn, type OrderedColumns, sentDates } from "./sort-order.ts";

/** Takes messages, many at a time, and makes threads of all of them. */
export interface Threader {
  /** The columns that `add` needs. */
  readonly keys: readonly (keyof OrderKeys)[];
  /** The numbers are those of the messages in their mailbox, from 1. */
  add(numbers: readonly number[], columns: OrderedColumns): void;
  /** At the end. */
  threads(): Forest;
}

/** No node. */
export const NONE = -1;

/**
 * Threads: messages with their answers. Nodes are numbers from 0, and what there is of each stands in columns, for
 * an object and a set of children for each took most of the time of threading.
 */
export class Forest {
  /** The first messages of the threads, in order. */
  roots: readonly number[] = [];
  /** By node, the message's number; 0 for a message that is not there. */
  readonly numbers: number[];
  readonly #firstChild: Int32Array;
  readonly #lastChild: Int32Array;
  /** The next child of the same parent. */
  readonly #next: Int32Array;

  /** Takes nodes over that have no children yet. As many may be added. */
  constructor(numbers: number[]) {
    this.numbers = numbers;
    const count = 2 * numbers.length;
    this.#firstChild = new Int32Array(count).fill(NONE);
    this.#lastChild = new Int32Array(count).fill(NONE);
    this.#next = new Int32Array(count).fill(NONE);
  }

  /** Adds a node without a message. */
  add(): number {
    return this.numbers.push(0) - 1;
  }

  firstChildOf(node: number): number {
    return this.#firstChild[node] ?? NONE;
  }

  nextOf(node: number): number {
    return this.#next[node] ?? NONE;
  }

  childrenOf(parent: number): number[] {
    const children: number[] = [];
    for (let child = this.firstChildOf(parent); child !== NONE; child = this.nextOf(child))
      children.push(child);
    return children;
  }

  /** Makes a node that has no parent the last child of another. */
  adopt(parent: number, child: number): void {
    const last = this.#lastChild[parent] ?? NONE;
    if (last === NONE) this.#firstChild[parent] = child;
    else this.#next[last] = child;
    this.#lastChild[parent] = child;
    this.#next[child] = NONE;
  }

  /** Gives up all children. */
  clear(parent: number): void {
    this.#firstChild[parent] = NONE;
    this.#lastChild[parent] = NONE;
  }
}

/**
 * ORDEREDSUBJECT: messages with the same base subject are one thread, the earliest first, the others
 * its children (RFC 5256 §3).
 */
export class SubjectThreader implements Threader {
  readonly keys = ["sentAt", "subjectKey"] as const;
  readonly #numbers: number[];
  readonly #sentAt: number[];
  readonly #subjects: string[];
  #count = 0;

  /** There will be at most `capacity` messages. */
  constructor(capacity: number) {
    this.#numbers = makeColumn(capacity, 0);
    this.#sentAt = makeColumn(capacity, Number.NaN);
    this.#subjects = makeColumn(capacity, "");
  }

  add(numbers: readonly number[], columns: OrderedColumns): void {
    const sentAt = sentDates(columns);
    for (let nth = 0; nth < numbers.length; nth += 1) {
      const node = this.#count++;
      this.#numbers[node] = numbers[nth] ?? 0;
      this.#sentAt[node] = sentAt[nth] ?? 0;
      this.#subjects[node] = columns.parts.subjectKey?.[nth] ?? "";
    }
  }

  threads(): Forest {
    const forest = new Forest(this.#numbers);
    const roots = new Map<string, number>();
    for (const node of countUp(this.#count).sort(byDate(this.#sentAt, this.#numbers))) {
      const subject = this.#subjects[node] ?? "";
      const root = roots.get(subject);
      if (root === undefined) roots.set(subject, node);
      else forest.adopt(root, node);
    }
    forest.roots = [...roots.values()];
    return forest;
  }
}

/** Orders nodes; messages of the same date keep their order in the mailbox (RFC 5256 §3). */
export function byDate(sentAt: readonly number[], numbers: readonly number[]) {
  return (one: number, other: number): number =>
    (sentAt[one] ?? 0) - (sentAt[other] ?? 0) || (numbers[one] ?? 0) - (numbers[other] ?? 0);
}

/** Pieces of an answer that are joined before they are old: all at the end would take longer. */
const MAX_PIECES = 1000;

/** Threads as THREAD answers them: `(1 2)(3 (4)(5))`; a missing root leaves its children in brackets. */
export function formatThreads(forest: Forest): string {
  const texts: string[] = [];
  let pieces: (string | number)[] = [];
  // The messages whose siblings are still to come; no recursion, since threads may be deep.
  const open: number[] = [];
  for (const root of forest.roots) {
    for (let node = root; node !== NONE; ) {
      if (node === root || node === open.at(-1)) pieces.push("(");
      const number = forest.numbers[node] ?? 0;
      const child = forest.firstChildOf(node);
      if (number > 0) pieces.push(number);
      if (number > 0 && child !== NONE) pieces.push(" ");
      if (child !== NONE && forest.nextOf(child) !== NONE) open.push(child);
      if (child === NONE) pieces.push(")");
      node = child === NONE ? nextOpen(forest, open, pieces) : child;
    }
    if (pieces.length < MAX_PIECES) continue;
    texts.push(pieces.join(""));
    pieces = [];
  }
  texts.push(pieces.join(""));
  return texts.join("");
}

/** The next sibling of what was open last; what has none is closed. */
function nextOpen(forest: Forest, open: number[], pieces: (string | number)[]): number {
  for (let last = open.pop(); last !== undefined; last = open.pop()) {
    const next = forest.nextOf(last);
    if (next !== NONE) {
      open.push(next);
      return next;
    }
    pieces.push(")");
  }
  return NONE;
}
