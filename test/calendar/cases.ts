import assert from "node:assert/strict";
import type { Mail } from "./case-mails.ts";
import { type Agenda, type ReadFeed, readFeed } from "./read-feed.ts";
import { outcomeText, SecretaryDesk, UNRELATED, UNRELATED_UID } from "./secretary-desk.ts";

/** A mail and what becomes of each calendar component in it, in any order. */
export interface Step {
  readonly mail: Mail;
  readonly outcomes: readonly string[];
  /** From here on; 2026-03-02T12:00:00Z until then. */
  readonly clock?: string;
}

/** One case of the calendar rules: what arrives, what is said about it, what readers see in the end. */
export interface CalendarCase {
  readonly id: string;
  readonly name: string;
  /** In order of arrival. */
  readonly steps: readonly Step[];
  /** Everything in the feed but the unrelated event. */
  readonly shows: Agenda;
  /** Lines, unfolded, that stand in the feed. */
  readonly lines?: readonly string[];
  /** What stands in no line of an event. */
  readonly without?: readonly RegExp[];
  /** The store does not hold the unrelated event. */
  readonly isStoreEmpty?: true;
  /** Days for which finished events stay in the feed; for ever otherwise. */
  readonly keepDays?: number;
  /** Why the order of arrival matters here, where it does. */
  readonly orderMatters?: string;
  /** No mail takes longer. */
  readonly withinMs?: number;
  readonly check?: (feed: ReadFeed) => void;
}

/** A step of a case, short to write. */
export function step(mail: Mail, ...outcomes: readonly string[]): Step {
  return { mail, outcomes };
}

export function stepAt(clock: string, mail: Mail, ...outcomes: readonly string[]): Step {
  return { mail, outcomes, clock };
}

/**
 * Plays a case, and checks what holds for every case: a mail that changes nothing leaves every octet of the
 * feed as it was; made anew from the same messages the feed is the same; and whatever order the messages
 * came in, readers see the same.
 */
export async function playCase(one: CalendarCase): Promise<void> {
  const desk = await openDesk(one);
  let feed = desk.feed();
  readFeed(feed);
  for (const { mail, outcomes, clock } of one.steps) {
    if (clock !== undefined) desk.clock = clock;
    feed = desk.feed(); // a day may have passed
    const startedAt = performance.now();
    const told = (await desk.deliver(mail)).map(({ outcome }) => outcomeText(outcome));
    assert.ok(performance.now() - startedAt < (one.withinMs ?? Number.POSITIVE_INFINITY), "in time");
    assert.deepEqual(told.sort(), [...outcomes].sort());
    const next = desk.feed();
    readFeed(next);
    if (told.every((outcome) => /^(no_action|error)/.test(outcome))) {
      assert.ok(Buffer.from(next).equals(feed), "a mail without effect leaves the feed as it was");
    }
    feed = next;
  }

  const read = readFeed(feed);
  const { [UNRELATED_UID]: unrelated, ...agenda } = read.agenda;
  assert.equal(unrelated?.length, one.isStoreEmpty ? undefined : 1);
  assert.deepEqual(agenda, one.shows);
  const { all, ofEvents } = linesBesidesUnrelated(read);
  for (const line of one.lines ?? []) {
    assert.ok(all.includes(line), `${line}\nis not in\n${all.join("\n")}`);
  }
  for (const pattern of one.without ?? []) {
    for (const line of ofEvents) assert.doesNotMatch(line, pattern);
  }
  one.check?.(read);

  const rebuilt = desk.rebuilt((messages) => messages, one);
  assert.ok(Buffer.from(rebuilt.feed()).equals(feed), "a rebuild gives the same octets");
  rebuilt.close();
  desk.close();
  if (one.orderMatters === undefined) await playInOtherOrders(one, read);
}

function linesBesidesUnrelated({ lines }: ReadFeed): { all: string[]; ofEvents: string[] } {
  const uid = lines.indexOf(`UID:${UNRELATED_UID}`);
  const all = uid < 0 ? [...lines] : lines.toSpliced(uid - 1, lines.indexOf("END:VEVENT", uid) - uid + 2);
  const start = all.indexOf("BEGIN:VEVENT");
  return { all, ofEvents: start < 0 ? [] : all.slice(start) };
}

/** All orders of up to four mails; of more, every one first and every one last. */
async function playInOtherOrders(one: CalendarCase, expected: ReadFeed): Promise<void> {
  for (const steps of ordersOf(one.steps)) {
    const desk = await openDesk(one);
    const clock = one.steps.at(-1)?.clock;
    if (clock !== undefined) desk.clock = clock;
    for (const { mail } of steps) await desk.deliver(mail);
    const read = readFeed(desk.feed());
    const order = steps.map((each) => one.steps.indexOf(each) + 1).join(", ");
    assert.deepEqual(read.agenda, expected.agenda, `in the order ${order}`);
    assert.deepEqual(read.events, expected.events, `in the order ${order}`);
    desk.close();
  }
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [];
  if (items.length <= 4) return permutations(items).slice(1);
  return items.flatMap((item, index) => {
    const others = items.toSpliced(index, 1);
    return [
      [item, ...others],
      [...others, item],
    ];
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

async function openDesk(one: CalendarCase): Promise<SecretaryDesk> {
  const desk = new SecretaryDesk(one);
  if (one.isStoreEmpty === undefined) await desk.deliver(UNRELATED);
  return desk;
}
