import type { Window } from "../../core/imap/imap.ts";

/** The items at these places of a list, or all of it (RFC 9394 §3): 1 is the first, −1 the last. */
export function inWindow<T>(items: readonly T[], window: Window | undefined): readonly T[] {
  if (window === undefined) return items;
  const [one, other] = [window.from, window.to].map((place) =>
    place < 0 ? items.length + place : place - 1,
  );
  const [first, last] = [Math.min(one ?? 0, other ?? 0), Math.max(one ?? 0, other ?? 0)];
  return last < 0 ? [] : items.slice(Math.max(0, first), last + 1);
}
