import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSample, samplesIn, WITHOUT_CORPUS } from "./corpus.ts";
import { readFeed } from "./read-feed.ts";
import { calendarMail, outcomeText, SecretaryDesk, UNRELATED, UNRELATED_UID } from "./secretary-desk.ts";

/** Calendars that no mail carries: of each, how often which outcome, and how many UIDs are in the feed then. */
const TABLE = new Map(
  readFileSync(join(import.meta.dirname, "corpus-ics.tsv"), "utf8")
    .split("\n")
    .slice(1, -1)
    .map((line) => {
      const [file = "", outcomes = "", uids = ""] = line.split("\t");
      return [file, { outcomes, uids: Number(uids) }];
    }),
);
const FILES = samplesIn("ics", /\.(ics|vcs|ical|txt)$/).filter(
  (file) => !/expected|icalrecur_test/.test(file),
);

async function resultOf(file: string): Promise<{ outcomes: string; uids: number }> {
  const desk = new SecretaryDesk();
  await desk.deliver(UNRELATED);
  const told = await desk.deliver(calendarMail(readSample("ics", file), "text/calendar"));
  const counts = Map.groupBy(told, ({ outcome }) => outcomeText(outcome));
  const { agenda } = readFeed(desk.feed());
  desk.close();
  return {
    outcomes: [...counts].map(([outcome, { length }]) => `${length} ${outcome}`).join(", "),
    uids: Object.keys(agenda).filter((uid) => uid !== UNRELATED_UID).length,
  };
}

for (const file of FILES) {
  test(`corpus ics/${file}`, async () => {
    assert.deepEqual(await resultOf(file), TABLE.get(file));
  });
}

test("every sample of ics/ has its row", { skip: WITHOUT_CORPUS }, () => {
  assert.deepEqual([...TABLE.keys()].sort(), [...FILES].sort());
});
