import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FiledMessage } from "../../src/secretary/agenda.ts";
import {
  consistentHistories,
  draws,
  type HistoryMail,
  histories,
  mailOfHistory,
  ownHistories,
  shuffled,
} from "./histories.ts";
import { eventText, type ReadFeed, readFeed } from "./read-feed.ts";
import { outcomeText, SecretaryDesk, UNRELATED, UNRELATED_UID } from "./secretary-desk.ts";

const RUNS = Number(process.env.PROPERTY_RUNS ?? 20);
const SEED = Number(process.env.PROPERTY_SEED ?? 1);

/** What readers see, without the counters. */
function seen({ agenda, events }: ReadFeed): Pick<ReadFeed, "agenda" | "events"> {
  return { agenda, events };
}

function feedOf(desk: SecretaryDesk): Pick<ReadFeed, "agenda" | "events"> {
  return seen(readFeed(desk.feed()));
}

/** Messages of a history, received one after the other, the unrelated event before them. */
async function received(
  history: readonly HistoryMail[],
  again: readonly HistoryMail[] = [],
): Promise<FiledMessage[]> {
  const desk = new SecretaryDesk();
  const messages = await desk.receive([UNRELATED, ...[...history, ...again].map(mailOfHistory)]);
  desk.close();
  return messages;
}

function deskOf(messages: readonly FiledMessage[]): SecretaryDesk {
  const desk = new SecretaryDesk();
  desk.file(messages);
  return desk;
}

function check(
  context: { diagnostic(text: string): void },
  property: fc.IAsyncProperty<unknown>,
): Promise<void> {
  context.diagnostic(`seed ${SEED}, ${RUNS} runs`);
  return fc.assert(property, { seed: SEED, numRuns: RUNS }) as Promise<void>;
}

test("the order in which messages are filed never matters, whoever sent them", (context) =>
  check(
    context,
    fc.asyncProperty(histories, draws, async (history, draw) => {
      const messages = await received(history);
      const expected = deskOf(messages);
      let desk = new SecretaryDesk();
      for (const message of shuffled(messages, draw)) {
        desk.file([message]);
        readFeed(desk.feed());
        if (draw() % 5 === 0) desk = desk.rebuilt((filed) => shuffled(filed, draw));
      }
      assert.deepEqual(feedOf(desk), feedOf(expected));
    }),
  ));

test("the order in which messages of one sender are received never matters, nor how often", (context) =>
  check(
    context,
    fc.asyncProperty(ownHistories, draws, async (history, draw) => {
      const expected = deskOf(await received(history));
      const twice = history.filter(() => draw() % 3 === 0);
      const desk = new SecretaryDesk();
      for (const message of await received(shuffled(history, draw), shuffled(twice, draw)))
        desk.file([message]);
      assert.deepEqual(feedOf(desk), feedOf(expected));
    }),
  ));

test("a message that is taken out of the mailbox might never have been there", (context) =>
  check(
    context,
    fc.asyncProperty(histories, draws, async (history, draw) => {
      const messages = await received(history);
      const gone = new Set(messages.filter((_, index) => index > 0 && draw() % 3 === 0));
      const desk = deskOf(messages);
      desk.remove([...gone].map(({ key }) => key));
      assert.deepEqual(feedOf(desk), feedOf(deskOf(messages.filter((message) => !gone.has(message)))));
    }),
  ));

// Of one honest sender: where several write, or versions contradict each other, a message can change which of the
// others count.
test("what is said to have had no effect had none", (context) =>
  check(
    context,
    fc.asyncProperty(consistentHistories, draws, async (history, draw) => {
      const [unrelated, ...messages] = await received(history);
      assert.ok(unrelated);
      const desk = deskOf([unrelated]); // a feed without events would show the last one that was cancelled
      for (const message of shuffled(messages, draw)) {
        const feed = desk.feed();
        const outcomes = desk.file([message]).map(({ outcome }) => outcomeText(outcome));
        if (outcomes.every((outcome) => /^(no_action|error)/.test(outcome))) {
          assert.deepEqual(textOf(desk.feed()), textOf(feed), outcomes.join());
        }
      }
    }),
  ));

test("nothing touches an unrelated event", (context) =>
  check(
    context,
    fc.asyncProperty(histories, async (history) => {
      const [unrelated, ...messages] = await received(history);
      assert.ok(unrelated);
      const desk = deskOf([unrelated]);
      const before = eventText(desk.feed(), UNRELATED_UID);
      desk.file(messages);
      assert.equal(eventText(desk.feed(), UNRELATED_UID), before);
    }),
  ));

function textOf(feed: Uint8Array): string {
  return new TextDecoder().decode(feed);
}
