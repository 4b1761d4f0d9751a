import type { BaseSubject } from "./base-subject.ts";
import type { Thread, ThreadedMessage } from "./thread.ts";

/** A place in the forest: a message, or a dummy for one that others refer to (RFC 5256 §3). */
interface Node {
  readonly message: ThreadedMessage | undefined;
  parent: Node | undefined;
  /** Undefined for the many that have none. */
  children: Set<Node> | undefined;
  /** The message's date, or that of a dummy's first child (steps 4 and 6). */
  sentAt: number;
}

function makeNode(message: ThreadedMessage | undefined): Node {
  return { message, parent: undefined, children: undefined, sentAt: 0 };
}

/** Deeper conversations fall apart. It bounds the search for loops; no person answers so often. */
const MAX_DEPTH = 1000;

/**
 * REFERENCES (RFC 5256 §3): conversations by who refers to whom, then joined where they share a base
 * subject. The steps in the names and comments below are the RFC's.
 */
export function threadByReferences(messages: readonly ThreadedMessage[]): Thread[] {
  const roots = prune(linkReferences(messages)); // steps 1 to 3
  sortChildren(roots); // step 4; step 5 takes the first child's subject for a dummy's
  const merged = mergeSubjects(roots.toSorted(bySentDate)); // step 5
  sortChildren(merged); // step 6
  return toThreads(merged);
}

/** Steps 1 and 2: a node for each message and each id referred to; the roots of the forest. */
function linkReferences(messages: readonly ThreadedMessage[]): Node[] {
  const byId = new Map<string, Node>();
  const nodes: Node[] = [];
  const add = (message: ThreadedMessage | undefined): Node => {
    const node = makeNode(message);
    nodes.push(node);
    return node;
  };
  const owners = new Map<string, ThreadedMessage>();
  for (const message of messages) {
    if (message.messageId !== undefined && !owners.has(message.messageId))
      owners.set(message.messageId, message);
  }
  const nodeOf = (id: string): Node => {
    const node = byId.get(id) ?? add(owners.get(id));
    byId.set(id, node);
    return node;
  };
  for (const message of messages) {
    const { messageId } = message;
    const isOwner = messageId !== undefined && owners.get(messageId) === message;
    // A message without an id, or with one that another has already, is known by no id.
    const node = isOwner ? nodeOf(messageId) : add(message);
    let before: Node | undefined;
    for (const id of message.references) {
      const referred = nodeOf(id);
      if (before !== undefined && referred.parent === undefined) link(before, referred);
      before = referred;
    }
    // The message's own last reference is surer than what others said of it.
    if (before !== undefined && before !== node.parent) link(before, node);
  }
  return nodes.filter((node) => node.parent === undefined);
}

/** Makes `child` a child of `parent`, unless that closed a loop. */
function link(parent: Node, child: Node): void {
  let depth = 0;
  for (let node: Node | undefined = parent; node !== undefined; node = node.parent) {
    if (node === child || ++depth > MAX_DEPTH) return;
  }
  child.parent?.children?.delete(child);
  adopt(parent, child);
}

/** Step 3: takes out dummies, but not one that holds several roots together. */
function prune(roots: readonly Node[]): Node[] {
  const kept = new Set(roots);
  for (const node of childrenFirst(roots)) {
    if (node.message !== undefined) continue;
    const { parent, children } = node;
    if (parent === undefined && children !== undefined && children.size > 1) continue;
    const siblings = parent?.children ?? kept;
    siblings.delete(node);
    for (const child of children ?? []) {
      child.parent = parent;
      siblings.add(child);
    }
  }
  return [...kept];
}

/** Steps 4 and 6: orders all children by date. */
function sortChildren(roots: readonly Node[]): void {
  for (const node of childrenFirst(roots)) {
    const { children } = node;
    if (children !== undefined && children.size > 1) node.children = new Set([...children].sort(bySentDate));
    node.sentAt = node.message?.sentAt ?? firstChild(node)?.sentAt ?? 0;
  }
}

function bySentDate(one: Node, other: Node): number {
  return one.sentAt - other.sentAt || numberOf(one) - numberOf(other);
}

/** Messages of the same date keep their order in the mailbox (RFC 5256 §3). */
function numberOf(node: Node): number {
  return (node.message ?? firstChild(node)?.message)?.number ?? 0;
}

function firstChild(node: Node): Node | undefined {
  return node.children?.values().next().value;
}

/** Step 5: joins roots that share a base subject. */
function mergeSubjects(roots: readonly Node[]): Node[] {
  const table = new Map<string, Node>();
  for (const root of roots) {
    const subject = subjectOf(root);
    if (subject === undefined) continue;
    const known = table.get(subject.text);
    if (known === undefined || isBetterRoot(root, known)) table.set(subject.text, root);
  }
  const merged = new Set(roots);
  for (const root of roots) {
    const subject = subjectOf(root);
    const known = subject && table.get(subject.text);
    if (subject === undefined || known === undefined || known === root) continue;
    merged.delete(root);
    if (known.message === undefined) {
      if (root.message === undefined) for (const child of root.children ?? []) adopt(known, child);
      else adopt(known, root);
    } else if (subject.isReply && !known.message.subject.isReply) {
      adopt(known, root);
    } else {
      merged.delete(known);
      const dummy = makeNode(undefined);
      adopt(dummy, known);
      adopt(dummy, root);
      merged.add(dummy);
      table.set(subject.text, dummy);
    }
  }
  return [...merged];
}

/** The subject of a root or of its first child; the empty one joins nothing (step 5.B). */
function subjectOf(node: Node): BaseSubject | undefined {
  const subject = (node.message ?? firstChild(node)?.message)?.subject;
  return subject?.text === "" ? undefined : subject;
}

/** Dummies come before messages, and originals before replies (step 5.B.iii). */
function isBetterRoot(root: Node, known: Node): boolean {
  if (known.message === undefined) return false;
  return root.message === undefined || (known.message.subject.isReply && !root.message.subject.isReply);
}

function adopt(parent: Node, child: Node): void {
  child.parent = parent;
  parent.children ??= new Set();
  parent.children.add(child);
}

function toThreads(roots: readonly Node[]): Thread[] {
  const threads = new Map<Node, Thread>();
  const threadsOf = (nodes: Iterable<Node>): Thread[] =>
    [...nodes].flatMap((node) => threads.get(node) ?? []);
  for (const node of childrenFirst(roots)) {
    const children = node.children === undefined ? NONE : threadsOf(node.children);
    threads.set(node, { number: node.message?.number, children });
  }
  return threadsOf(roots.toSorted(bySentDate));
}

const NONE: readonly Thread[] = [];

/** All nodes of the forest, children before their parents; no recursion, since threads may be deep. */
function childrenFirst(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const todo = [...roots];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    order.push(node);
    for (const child of node.children ?? []) todo.push(child);
  }
  return order.reverse();
}
