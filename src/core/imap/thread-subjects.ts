import { makeColumn } from "./sort-order.ts";
import { byDate, Forest, NONE } from "./thread.ts";

/** Stands for the subjects that join nothing (RFC 5256 §3, REFERENCES step 5.B). */
export const EMPTY_SUBJECT = 0;

/** What is known of nodes, by node; a node is a message, or a dummy for one that is not there. */
export interface ThreadNodes {
  /** The message's number in the mailbox; 0 for a dummy. */
  readonly numbers: number[];
  /** A message's are messages, or a dummy that has more than one child and no parent. */
  readonly parents: readonly number[];
  /** Milliseconds since 1970. */
  readonly sentAt: number[];
  /** Equal ones have the same number, which is below `subjectCount`. */
  readonly subjects: number[];
  readonly areReplies: boolean[];
  readonly subjectCount: number;
}

/** The steps 4 to 6 of REFERENCES (RFC 5256 §3): trees by date, joined where they share a base subject. */
export class SubjectMerger {
  readonly #forest: Forest;
  readonly #parents: readonly number[];
  /** The message's date, or that of a dummy's first child, which a dummy counts as in all comparisons. */
  readonly #sentAt: number[];
  /** Likewise its number. */
  readonly #places: number[];
  /** Likewise its subject (step 5.B). */
  readonly #subjects: number[];
  readonly #areReplies: boolean[];
  readonly #subjectCount: number;

  /** Takes the columns over. Only that of the numbers has to be as long as there are nodes. */
  constructor({ numbers, parents, sentAt, subjects, areReplies, subjectCount }: ThreadNodes) {
    this.#forest = new Forest(numbers);
    this.#parents = parents;
    this.#sentAt = sentAt;
    this.#places = numbers.slice();
    this.#subjects = subjects;
    this.#areReplies = areReplies;
    this.#subjectCount = subjectCount;
  }

  merge(): Forest {
    this.#forest.roots = this.#mergeSubjects(this.#makeTrees());
    return this.#forest;
  }

  #isMessage(node: number): boolean {
    return this.#forest.numbers[node] !== 0;
  }

  /** Step 4: hands all messages, in order, to their parents, and returns the roots in order. */
  #makeTrees(): number[] {
    const roots = makeColumn(this.#places.length, NONE);
    let count = 0;
    for (const node of this.#sort(this.#listMessages())) {
      const parent = this.#parents[node] ?? NONE;
      if (parent === NONE) roots[count++] = node;
      else {
        this.#forest.adopt(parent, node);
        if (this.#isMessage(parent) || this.#forest.firstChildOf(parent) !== node) continue;
        this.#takeAfter(parent, node);
        roots[count++] = parent;
      }
    }
    roots.length = count;
    return roots;
  }

  #listMessages(): number[] {
    const messages = makeColumn(this.#places.length, NONE);
    let count = 0;
    for (let node = 0; node < this.#places.length; node += 1) {
      if (this.#isMessage(node)) messages[count++] = node;
    }
    messages.length = count;
    return messages;
  }

  /** A dummy counts as its first child in what is compared. */
  #takeAfter(dummy: number, child: number): void {
    this.#sentAt[dummy] = this.#sentAt[child] ?? 0;
    this.#places[dummy] = this.#places[child] ?? 0;
    this.#subjects[dummy] = this.#subjects[child] ?? EMPTY_SUBJECT;
    this.#areReplies[dummy] = this.#areReplies[child] ?? false;
  }

  /** Step 5: joins roots that share a base subject; step 6: orders what is new. */
  #mergeSubjects(roots: readonly number[]): number[] {
    const table = this.#rootsBySubject(roots);
    const merged = new Set<number>();
    const added: number[] = [];
    const grown = new Set<number>();
    for (const root of roots) {
      const subject = this.#subjects[root] ?? EMPTY_SUBJECT;
      let known = table[subject] ?? NONE;
      if (known === NONE || known === root) continue;
      merged.add(root);
      if (this.#isMessage(known) && (!this.#areReplies[root] || this.#areReplies[known])) {
        const dummy = this.#forest.add();
        this.#takeAfter(dummy, known);
        this.#forest.adopt(dummy, known);
        merged.add(known);
        added.push(dummy);
        table[subject] = dummy;
        known = dummy;
      }
      const isSplit = !this.#isMessage(known) && !this.#isMessage(root);
      for (const child of isSplit ? this.#forest.childrenOf(root) : [root]) this.#forest.adopt(known, child);
      grown.add(known);
    }
    for (const node of grown) this.#sortChildren(node);
    return this.#sort([...roots.filter((root) => !merged.has(root)), ...added]);
  }

  /** The root to which others of the same subject come, by subject. */
  #rootsBySubject(roots: readonly number[]): number[] {
    const table = makeColumn(this.#subjectCount, NONE);
    for (const root of roots) {
      const subject = this.#subjects[root] ?? EMPTY_SUBJECT;
      if (subject === EMPTY_SUBJECT) continue;
      const known = table[subject] ?? NONE;
      if (known === NONE || this.#isBetterRoot(root, known)) table[subject] = root;
    }
    return table;
  }

  /** Dummies come before messages, and originals before replies (step 5.B.iii). */
  #isBetterRoot(root: number, known: number): boolean {
    if (!this.#isMessage(known)) return false;
    return !this.#isMessage(root) || (this.#areReplies[known] === true && !this.#areReplies[root]);
  }

  #sortChildren(parent: number): void {
    const children = this.#sort(this.#forest.childrenOf(parent));
    this.#forest.clear(parent);
    for (const child of children) this.#forest.adopt(parent, child);
    if (!this.#isMessage(parent)) this.#takeAfter(parent, children[0] ?? NONE);
  }

  #sort(nodes: number[]): number[] {
    return nodes.sort(byDate(this.#sentAt, this.#places));
  }
}
