import { parseAnswersKey } from "./order-keys.ts";
import { makeColumn, type OrderedColumns, sentDates } from "./sort-order.ts";
import { type Forest, NONE, type Threader } from "./thread.ts";
import { EMPTY_SUBJECT, SubjectMerger } from "./thread-subjects.ts";

/** Deeper conversations fall apart. It bounds the search for loops; no person answers so often. */
const MAX_DEPTH = 1000;

/**
 * REFERENCES (RFC 5256 §3): conversations by who refers to whom, then joined where they share a base
 * subject. A node is a message, or a dummy for one that others refer to. The steps in the comments are the RFC's.
 */
export class ReferencesThreader implements Threader {
  readonly keys = ["sentAt", "subjectKey", "idKey", "answersKey"] as const;
  readonly #byId = new Map<string, number>();
  readonly #subjectNumbers = new Map<string, number>([["", EMPTY_SUBJECT]]);
  /** By node, the message's number; 0 for a dummy. */
  readonly #numbers: number[];
  readonly #parents: number[];
  readonly #sentAt: number[];
  /** Equal ones have the same number. */
  readonly #subjects: number[];
  readonly #areReplies: boolean[];
  #count = 0;

  /** There will be about so many messages. */
  constructor(capacity: number) {
    this.#numbers = makeColumn(capacity, 0);
    this.#parents = makeColumn(capacity, NONE);
    this.#sentAt = makeColumn(capacity, Number.NaN);
    this.#subjects = makeColumn(capacity, EMPTY_SUBJECT);
    this.#areReplies = makeColumn(capacity, false);
  }

  /** Steps 1 and 2. */
  add(numbers: readonly number[], columns: OrderedColumns): void {
    const sentAt = sentDates(columns);
    const { subjectKey: subjects, idKey: ids, answersKey: answers } = columns.parts;
    for (let nth = 0; nth < numbers.length; nth += 1) {
      const node = this.#addMessage(numbers[nth] ?? 0, ids?.[nth] ?? "");
      const { isReply, references } = parseAnswersKey(answers?.[nth] ?? "");
      this.#sentAt[node] = sentAt[nth] ?? 0;
      this.#subjects[node] = this.#subjectNumberOf(subjects?.[nth] ?? "");
      this.#areReplies[node] = isReply;
      this.#linkReferences(node, references);
    }
  }

  /** Steps 3 to 6. */
  threads(): Forest {
    this.#prune();
    this.#numbers.length = this.#count;
    return new SubjectMerger({
      numbers: this.#numbers,
      parents: this.#parents,
      sentAt: this.#sentAt,
      subjects: this.#subjects,
      areReplies: this.#areReplies,
      subjectCount: this.#subjectNumbers.size,
    }).merge();
  }

  #addMessage(number: number, id: string): number {
    let node = id === "" ? NONE : this.#nodeOf(id);
    // A message without an id, or with one that another has already, is known by no id.
    if (node === NONE || this.#isMessage(node)) node = this.#addNode();
    this.#numbers[node] = number;
    return node;
  }

  #subjectNumberOf(subject: string): number {
    const known = this.#subjectNumbers.get(subject);
    if (known !== undefined) return known;
    const number = this.#subjectNumbers.size;
    this.#subjectNumbers.set(subject, number);
    return number;
  }

  #linkReferences(node: number, references: readonly string[]): void {
    let before = NONE;
    for (const id of references) {
      const referred = this.#nodeOf(id);
      if (before !== NONE && this.#parents[referred] === NONE) this.#link(before, referred);
      before = referred;
    }
    // The message's own last reference is surer than what others said of it.
    if (before !== NONE && before !== this.#parents[node]) this.#link(before, node);
  }

  #nodeOf(id: string): number {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const node = this.#addNode();
    this.#byId.set(id, node);
    return node;
  }

  /** A dummy, so far. */
  #addNode(): number {
    const node = this.#count++;
    this.#numbers[node] = 0;
    this.#parents[node] = NONE;
    this.#sentAt[node] = Number.NaN;
    this.#subjects[node] = EMPTY_SUBJECT;
    this.#areReplies[node] = false;
    return node;
  }

  #isMessage(node: number): boolean {
    return this.#numbers[node] !== 0;
  }

  #parentOf(node: number): number {
    return this.#parents[node] ?? NONE;
  }

  /** Makes `child` a child of `parent`, unless that closed a loop. */
  #link(parent: number, child: number): void {
    let depth = 0;
    for (let node = parent; node !== NONE; node = this.#parentOf(node)) {
      if (node === child || ++depth > MAX_DEPTH) return;
    }
    this.#parents[child] = parent;
  }

  /** Step 3: takes out dummies, but not one that holds several roots together. */
  #prune(): void {
    const counts = new Map<number, number>();
    const count = this.#count;
    for (let node = 0; node < count; node += 1) {
      if (!this.#isMessage(node)) continue;
      const parent = this.#findHolder(node);
      this.#parents[node] = parent;
      if (parent !== NONE && !this.#isMessage(parent)) counts.set(parent, (counts.get(parent) ?? 0) + 1);
    }
    for (let node = 0; node < count; node += 1) {
      if (this.#isMessage(node) && counts.get(this.#parentOf(node)) === 1) this.#parents[node] = NONE;
    }
  }

  /** The nearest message above a node, or the highest dummy where there is none; what it passes remembers it. */
  #findHolder(node: number): number {
    let holder = this.#parentOf(node);
    while (holder !== NONE && !this.#isMessage(holder) && this.#parentOf(holder) !== NONE)
      holder = this.#parentOf(holder);
    for (let dummy = this.#parentOf(node); dummy !== holder; ) {
      const next = this.#parentOf(dummy);
      this.#parents[dummy] = holder;
      dummy = next;
    }
    return holder;
  }
}
