import type { SortCriterion } from "./command.ts";
import type { OrderKeys } from "./order-keys.ts";

/** What a message is sorted by (RFC 5256 §3). Times in milliseconds since 1970, texts folded. */
export interface SortedMessage {
  readonly number: number;
  readonly values: readonly (string | number)[];
}

/** Where the values come from. */
export interface SortSource {
  readonly keys: OrderKeys;
  readonly internalDate: number;
  readonly octets: number;
}

/** The values of a message by which `criteria` order it. */
export function sortValues(criteria: readonly SortCriterion[], source: SortSource): (string | number)[] {
  return criteria.map(({ key }) => sortValue(key, source));
}

function sortValue(key: SortCriterion["key"], source: SortSource): string | number {
  switch (key) {
    case "ARRIVAL":
      return source.internalDate;
    case "DATE":
      return sentDate(source);
    case "SIZE":
      return source.octets;
    case "SUBJECT":
      return source.keys.subject.text;
    default:
      return source.keys.firstMailbox(key);
  }
}

/** The Date field's instant, or the internal date where it has none (RFC 5256 §2.2). */
export function sentDate({ keys, internalDate }: Pick<SortSource, "keys" | "internalDate">): number {
  return keys.sentAt ?? internalDate;
}

/** The numbers in order; what is equal stays as it was (RFC 5256 §3). */
export function sortMessages(
  messages: readonly SortedMessage[],
  criteria: readonly SortCriterion[],
): number[] {
  const compareMessages = (one: SortedMessage, other: SortedMessage): number => {
    for (const [level, { isReverse }] of criteria.entries()) {
      const order = compareValues(one.values[level], other.values[level]);
      if (order !== 0) return isReverse ? -order : order;
    }
    return 0;
  };
  return messages.toSorted(compareMessages).map((message) => message.number);
}

function compareValues(one: string | number = 0, other: string | number = 0): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
