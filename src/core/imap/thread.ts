import type { BaseSubject } from "./base-subject.ts";
import type { References } from "./message-ids.ts";

/** A message as threading sees it (RFC 5256 §3). */
export interface ThreadedMessage extends References {
  readonly number: number;
  readonly sentAt: number;
  readonly subject: BaseSubject;
}

/** A message with its answers; without a number it stands for a message that is not there. */
export interface Thread {
  readonly number: number | undefined;
  readonly children: readonly Thread[];
}

/**
 * ORDEREDSUBJECT: messages with the same base subject are one thread, the earliest first, the others
 * its children (RFC 5256 §3).
 */
export function threadBySubject(messages: readonly ThreadedMessage[]): Thread[] {
  const bySubject = Map.groupBy(messages.toSorted(bySentDate), (message) => message.subject.text);
  return [...bySubject.values()].map(([first, ...others]) => ({
    number: first?.number,
    children: others.map(({ number }) => ({ number, children: [] })),
  }));
}

function bySentDate(one: ThreadedMessage, other: ThreadedMessage): number {
  return one.sentAt - other.sentAt || one.number - other.number;
}

/** Threads as THREAD answers them: `(1 2)(3 (4)(5))`; a missing root leaves its children in brackets. */
export function formatThreads(threads: readonly Thread[]): string {
  const pieces: string[] = [];
  // A stack instead of recursion: a conversation may be as deep as the mailbox is long.
  const todo: (Thread | string)[] = threads.toReversed().flatMap((thread) => [")", thread, "("]);
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (typeof next === "string") {
      pieces.push(next);
      continue;
    }
    const [only] = next.children;
    if (next.number !== undefined) pieces.push(`${next.number}`);
    if (only === undefined) continue;
    if (next.number !== undefined) pieces.push(" ");
    if (next.children.length === 1) todo.push(only);
    else todo.push(...next.children.toReversed().flatMap((child) => [")", child, "("]));
  }
  return pieces.join("");
}
