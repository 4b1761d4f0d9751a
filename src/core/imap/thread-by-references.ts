import type { BaseSubject } from "./base-subject.ts";
import type { Thread, ThreadedMessage } from "./thread.ts";

/** A place in the forest: a message, or a dummy for one that others refer to (RFC 5256 §3). */
interface Node {
  readonly message: ThreadedMessage | undefined;
  parent: Node | undefined;
  children: Set<Node>;
}

/** Deeper conversations fall apart. It bounds the search for loops; no person answers so often. */
const MAX_DEPTH = 1000;

/**
 * REFERENCES (RFC 5256 §3): conversations by who refers to whom, then joined where they share a base
 * subject. The steps in the names and comments below are the RFC's.
 */
export function threadByReferences(messages: readonly ThreadedMessage[]): Thread[] {
  const roots = prune(linkReferences(messages)); // steps 1 to 3
  const dates = sortChildren(roots); // step 4; step 5 takes the first child's subject for a dummy's
  const merged = mergeSubjects(toSorted(roots, dates)); // step 5
  return toThreads(merged, sortChildren(merged)); // step 6
}

/** Steps 1 and 2: a node for each message and each id referred to; the roots of the forest. */
function linkReferences(messages: readonly ThreadedMessage[]): Node[] {
  const byId = new Map<string, Node>();
  const nodes: Node[] = [];
  const add = (message: ThreadedMessage | undefined): Node => {
    const node: Node = { message, parent: undefined, children: new Set() };
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
  child.parent?.children.delete(child);
  child.parent = parent;
  parent.children.add(child);
}

/** Step 3: takes out dummies, but not one that holds several roots together. */
function prune(roots: readonly Node[]): Node[] {
  const kept = new Set(roots);
  for (const node of childrenFirst(roots)) {
    if (node.message !== undefined) continue;
    const { parent, children } = node;
    if (parent === undefined && children.size > 1) continue;
    const siblings = parent?.children ?? kept;
    siblings.delete(node);
    for (const child of children) {
      child.parent = parent;
      siblings.add(child);
    }
  }
  return [...kept];
}

/** Steps 4 and 6: orders all children by date. A dummy's date is that of its first child. */
function sortChildren(roots: readonly Node[]): Map<Node, number> {
  const dates = new Map<Node, number>();
  for (const node of childrenFirst(roots)) {
    node.children = new Set(toSorted([...node.children], dates));
    const [first] = node.children;
    dates.set(node, node.message?.sentAt ?? (first && dates.get(first)) ?? 0);
  }
  return dates;
}

function toSorted(nodes: readonly Node[], dates: ReadonlyMap<Node, number>): Node[] {
  return nodes.toSorted(
    (one, other) => (dates.get(one) ?? 0) - (dates.get(other) ?? 0) || numberOf(one) - numberOf(other),
  );
}

/** Messages of the same date keep their order in the mailbox (RFC 5256 §3). */
function numberOf(node: Node): number {
  return (node.message ?? firstChild(node)?.message)?.number ?? 0;
}

function firstChild(node: Node): Node | undefined {
  return node.children.values().next().value;
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
      if (root.message === undefined) for (const child of root.children) adopt(known, child);
      else adopt(known, root);
    } else if (subject.isReply && !known.message.subject.isReply) {
      adopt(known, root);
    } else {
      merged.delete(known);
      const dummy: Node = { message: undefined, parent: undefined, children: new Set() };
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
  parent.children.add(child);
}

function toThreads(roots: readonly Node[], dates: ReadonlyMap<Node, number>): Thread[] {
  const threads = new Map<Node, Thread>();
  const threadsOf = (nodes: Iterable<Node>): Thread[] =>
    [...nodes].flatMap((node) => threads.get(node) ?? []);
  for (const node of childrenFirst(roots)) {
    threads.set(node, { number: node.message?.number, children: threadsOf(node.children) });
  }
  return threadsOf(toSorted(roots, dates));
}

/** All nodes of the forest, children before their parents; no recursion, since threads may be deep. */
function childrenFirst(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const todo = [...roots];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    order.push(node);
    todo.push(...node.children);
  }
  return order.reverse();
}
