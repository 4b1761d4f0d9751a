import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { type HistoryMail, mailOfHistory } from "./histories.ts";
import { readFeed } from "./read-feed.ts";
import { outcomeText, SecretaryDesk, UNRELATED } from "./secretary-desk.ts";

const FOLDER = resolve(import.meta.dirname, "../../fixtures/found");

for (const name of readdirSync(FOLDER).filter((file) => file.endsWith(".json"))) {
  test(`fixtures/found/${name}: the same feed in every order, and once is as good as twice`, async () => {
    const history = JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as HistoryMail[];
    const expected = await play(history, (messages) => messages);
    for (const order of permutations(history.map((_, index) => index))) {
      const inOrder = await play(history, (messages) => order.flatMap((index) => messages[index] ?? []));
      assert.deepEqual(inOrder, expected, `filed in the order ${order}`);
      assert.deepEqual(await playUnseen(history, order), expected, `unseen, in the order ${order}`);
    }
    assert.deepEqual(await play([...history, ...history], (messages) => messages), expected, "twice");
  });
}

/** What readers see in the end. Whatever is said to have had no effect had none on the way. */
async function play(
  history: readonly HistoryMail[],
  inOrder: <T>(messages: readonly T[]) => readonly T[],
): Promise<unknown> {
  const desk = new SecretaryDesk();
  await desk.deliver(UNRELATED);
  for (const message of inOrder(await desk.receive(history.map(mailOfHistory)))) {
    const before = desk.feed();
    const outcomes = desk.file([message]).map(({ outcome }) => outcomeText(outcome));
    const isEffect = outcomes.some((outcome) => /^(added|updated|cancelled)/.test(outcome));
    if (!isEffect && isOfOneSender(history)) assert.deepEqual(desk.feed(), before, outcomes.join());
  }
  const { agenda, events } = readFeed(desk.feed());
  desk.close();
  return { agenda, events };
}

/** What readers see who look only at the end: changes that come close together are published once. */
async function playUnseen(history: readonly HistoryMail[], order: readonly number[]): Promise<unknown> {
  const desk = new SecretaryDesk();
  await desk.deliver(UNRELATED);
  const messages = await desk.receive(history.map(mailOfHistory));
  for (const index of order) desk.file(messages.slice(index, index + 1));
  const { agenda, events } = readFeed(desk.feed());
  desk.close();
  return { agenda, events };
}

/** Where several write, a message can change which of the others count. */
function isOfOneSender(history: readonly HistoryMail[]): boolean {
  return new Set(history.map(({ from }) => from)).size === 1;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}
