import assert from "node:assert/strict";
import { test } from "node:test";
import { CE, E, type Mail } from "./case-mails.ts";
import { readFeed } from "./read-feed.ts";
import { outcomeText, SecretaryDesk, UNRELATED, UNRELATED_UID } from "./secretary-desk.ts";

const MESSAGES = 1_000;
const BATCH = 50;

/** Every second message cancels, every other invites again; each is newer than the one before. */
function alternating(index: number): Mail {
  return index % 2 === 1 ? CE(index, index / MESSAGES) : E(index, index / MESSAGES);
}

test("L18 alternating CANCEL/REQUEST: after 1,000 messages for one UID the last word counts", async () => {
  const desk = new SecretaryDesk();
  await desk.deliver(UNRELATED);
  for (let start = 0; start < MESSAGES; start += BATCH) {
    const mails = Array.from({ length: BATCH }, (_, index) => alternating(start + index));
    const outcomes = desk.file(await desk.receive(mails)).map(({ outcome }) => outcomeText(outcome));
    assert.deepEqual(
      outcomes,
      mails.map((_, index) => (index % 2 === 1 ? "cancelled series" : "added new")),
    );
  }
  assert.deepEqual(Object.keys(readFeed(desk.feed()).agenda), [UNRELATED_UID]);
  await desk.deliver(alternating(MESSAGES));
  assert.ok("e1@example.org" in readFeed(desk.feed()).agenda);
  desk.close();
});
