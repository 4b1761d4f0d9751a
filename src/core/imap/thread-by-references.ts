import { Forest, inOrder, NONE, type ThreadedMessage, type Threader } from "./thread.ts";

/** Deeper conversations fall apart. It bounds the search for loops; no person answers so often. */
const MAX_DEPTH = 1000;

/** Stands for the subjects that join nothing (RFC 5256 §3, REFERENCES step 5.B). */
const EMPTY_SUBJECT = 0;

/**
 * REFERENCES (RFC 5256 §3): conversations by who refers to whom, then joined where they share a base
 * subject. A node is a message, or a dummy for one that others refer to. The steps in the names and comments
 * below are the RFC's.
 */
export class ReferencesThreader implements Threader {
  readonly #forest = new Forest();
  readonly #byId = new Map<string, number>();
  readonly #subjectNumbers = new Map<string, number>([["", EMPTY_SUBJECT]]);
  readonly #parents: number[] = [];
  /** The message's date, or that of a dummy's first child (steps 4 and 6). */
  readonly #sentAt: number[] = [];
  /** The message's number in the mailbox, or that of a dummy's first child: it decides between equal dates. */
  readonly #places: number[] = [];
  /** Equal ones have the same number. A dummy has its first child's (step 5.B). */
  readonly #subjects: number[] = [];
  readonly #areReplies: boolean[] = [];

  /** Steps 1 and 2. */
  add(message: ThreadedMessage): void {
    const node = this.#nodeFor(message);
    let before = NONE;
    for (const id of message.references) {
      const referred = this.#nodeOf(id);
      if (before !== NONE && this.#parents[referred] === NONE) this.#link(before, referred);
      before = referred;
    }
    // The message's own last reference is surer than what others said of it.
    if (before !== NONE && before !== this.#parents[node]) this.#link(before, node);
  }

  threads(): Forest {
    this.#prune();
    const roots = this.#makeTrees(); // steps 4; step 5 takes the first child's subject for a dummy's
    this.#forest.roots = this.#mergeSubjects(roots); // steps 5 and 6
    return this.#forest;
  }

  #nodeFor({ number, messageId, sentAt, subject }: ThreadedMessage): number {
    let node = messageId === undefined ? NONE : this.#nodeOf(messageId);
    // A message without an id, or with one that another has already, is known by no id.
    if (node === NONE || this.#isMessage(node)) node = this.#addNode();
    this.#forest.numbers[node] = number;
    this.#places[node] = number;
    this.#sentAt[node] = sentAt;
    this.#areReplies[node] = subject.isReply;
    const known = this.#subjectNumbers.get(subject.text);
    this.#subjects[node] = known ?? this.#subjectNumbers.size;
    if (known === undefined) this.#subjectNumbers.set(subject.text, this.#subjectNumbers.size);
    return node;
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
    this.#parents.push(NONE);
    this.#sentAt.push(0);
    this.#places.push(0);
    this.#subjects.push(EMPTY_SUBJECT);
    this.#areReplies.push(false);
    return this.#forest.add(0);
  }

  #isMessage(node: number): boolean {
    return this.#forest.numbers[node] !== 0;
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
    const count = this.#parents.length;
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

  /** Step 4: hands all messages, in order, to their parents, and returns the roots in order. */
  #makeTrees(): number[] {
    const roots: number[] = [];
    for (const node of inOrder(this.#places, this.#sentAt)) {
      if (!this.#isMessage(node)) continue;
      const parent = this.#parentOf(node);
      if (parent === NONE) roots.push(node);
      else {
        this.#forest.adopt(parent, node);
        if (this.#isMessage(parent) || this.#forest.firstChildOf(parent) !== node) continue;
        this.#takeAfter(parent, node);
        roots.push(parent);
      }
    }
    return roots;
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
      let known = table.get(subject);
      if (known === undefined || known === root) continue;
      merged.add(root);
      if (this.#isMessage(known) && (!this.#areReplies[root] || this.#areReplies[known])) {
        const dummy = this.#addNode();
        this.#forest.adopt(dummy, known);
        merged.add(known);
        added.push(dummy);
        table.set(subject, dummy);
        known = dummy;
      }
      const isSplit = !this.#isMessage(known) && !this.#isMessage(root);
      for (const child of isSplit ? this.#forest.childrenOf(root) : [root]) this.#forest.adopt(known, child);
      grown.add(known);
    }
    for (const node of grown) this.#sortChildren(node);
    return this.#sort([...roots.filter((root) => !merged.has(root)), ...added]);
  }

  #rootsBySubject(roots: readonly number[]): Map<number, number> {
    const table = new Map<number, number>();
    for (const root of roots) {
      const subject = this.#subjects[root] ?? EMPTY_SUBJECT;
      if (subject === EMPTY_SUBJECT) continue;
      const known = table.get(subject);
      if (known === undefined || this.#isBetterRoot(root, known)) table.set(subject, root);
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
    return nodes.sort(
      (one, other) =>
        (this.#sentAt[one] ?? 0) - (this.#sentAt[other] ?? 0) ||
        (this.#places[one] ?? 0) - (this.#places[other] ?? 0),
    );
  }
}
