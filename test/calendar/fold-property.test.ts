import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  Group,
  type ReceivedPayload,
  renderCancelled,
  renderGroup,
} from "../../src/core/calendar/calendar.ts";
import { type MessageReading, readMessage } from "../../src/core/payloads/payloads.ts";
import { draws, type HistoryMail, histories, mailOfHistory, ownHistories, shuffled } from "./histories.ts";
import { DOMAIN, IDENTITY, ZONE } from "./secretary-desk.ts";

const RUNS = Number(process.env.PROPERTY_RUNS ?? 50);
const SEED = Number(process.env.PROPERTY_SEED ?? 1);

function read(history: readonly HistoryMail[]): Promise<MessageReading[]> {
  const context = { domain: DOMAIN, defaultZone: ZONE, fileDate: Date.UTC(2026, 2, 2) / 1000 };
  return Promise.all(history.map((mail) => readMessage(mailOfHistory(mail).octets, context)));
}

/** What a mailbox says of s1 that got these messages one after the other, so many seconds apart. */
function receivedInOrder(readings: readonly MessageReading[], secondsApart: number): ReceivedPayload[] {
  return readings.flatMap(({ payloads, sender }, index) =>
    payloads.map((payload) => ({
      payload: structuredClone(payload),
      source: `${index}.M1`,
      received: 1_772_452_800 + index * secondsApart,
      sender,
      isAllowListed: IDENTITY.isOwnAddress(sender),
    })),
  );
}

function groupOf(received: readonly ReceivedPayload[]): Group {
  const group = new Group(IDENTITY.isOwnAddress);
  group.addAll(received);
  return group;
}

/** Everything that is known: what is written, and what the answer to any further message depends on. */
function contentOf(group: Group): unknown {
  const { master, instances, tombstone } = group.state;
  const known = [...instances].sort(([a], [b]) => (a < b ? -1 : 1));
  const by = group.payloads.find(({ payload }) => payload === tombstone?.by.payload);
  return {
    master,
    known,
    tombstone,
    written: renderGroup(group, IDENTITY),
    cancelled: renderCancelled(group, IDENTITY),
    cancelledAt: by?.received,
    uid: group.uid,
  };
}

/** The same but for who came first. */
function stateOf(group: Group): unknown {
  return { ...(contentOf(group) as object), cancelledAt: undefined };
}

function check(context: { diagnostic(text: string): void }, property: fc.IAsyncProperty<unknown>) {
  context.diagnostic(`seed ${SEED}, ${RUNS} runs`);
  return fc.assert(property, { seed: SEED, numRuns: RUNS }) as Promise<void>;
}

test("Group folds one payload after the other, in any order, to what it folds from scratch", (context) =>
  check(
    context,
    fc.asyncProperty(histories, draws, async (history, draw) => {
      const readings = await read(history);
      const again = readings.filter(() => draw() % 4 === 0);
      const received = receivedInOrder([...readings, ...again], draw() % 2);
      const expected = contentOf(groupOf(received));
      // Payloads of one message come in its order, whenever it comes.
      const messages = shuffled([...Map.groupBy(received, ({ source }) => source).values()], draw);
      const group = new Group(IDENTITY.isOwnAddress);
      for (const payload of messages.flat()) {
        group.add(payload);
        assert.deepEqual(contentOf(group), contentOf(groupOf(group.payloads)));
      }
      assert.deepEqual(contentOf(group), expected);
    }),
  ));

test("Group folds what one sender wrote to the same state, whatever order it is received in and how often", (context) =>
  check(
    context,
    fc.asyncProperty(ownHistories, draws, async (history, draw) => {
      const readings = await read(history);
      const expected = stateOf(groupOf(receivedInOrder(readings, 1)));
      for (let turn = 0; turn < 4; turn++) {
        const again = readings.filter(() => draw() % 3 === 0);
        const order = [...shuffled(readings, draw), ...again];
        assert.deepEqual(stateOf(groupOf(receivedInOrder(shuffled(order, draw), 1))), expected);
      }
    }),
  ));
