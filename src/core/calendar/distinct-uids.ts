import type { EventText } from "./event-writer.ts";

/**
 * An override without its master has a UID made of that of its series and a date, and nothing keeps a sender
 * from giving just this UID to another event. In a feed no UID may be there for two (RFC 5545 §3.8.4.7), so
 * that a made one that is taken gets a hyphen more.
 *
 * @param uid of the series itself, which is left alone
 * @param taken UIDs that are in use already; those given here are added
 */
export function withDistinctUids(
  events: readonly EventText[],
  uid: string,
  taken: Set<string>,
): readonly EventText[] {
  const given = new Map([[uid, uid]]);
  for (const event of events) {
    if (given.has(event.uid)) continue;
    let free = event.uid;
    while (taken.has(free)) free += "-";
    taken.add(free);
    given.set(event.uid, free);
  }
  return events.map((event) => ({ ...event, uid: given.get(event.uid) ?? event.uid }));
}
