import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Mail } from "./case-mails.ts";
import { describedAs, readSample, samplesIn, WITHOUT_CORPUS } from "./corpus.ts";
import { readFeed } from "./read-feed.ts";
import { calendarMail, outcomeText, SecretaryDesk, UNRELATED, UNRELATED_UID } from "./secretary-desk.ts";

/** What we make of one sample: a row of corpus-imip.tsv. */
interface Row {
  readonly file: string;
  readonly outcomes: string;
  /** `UID DTSTART` of what is in the feed then. */
  readonly events: string;
  /** Why an invitation does not get into the feed. */
  readonly reason: string;
}

const TABLE = new Map(
  readFileSync(join(import.meta.dirname, "corpus-imip.tsv"), "utf8")
    .split("\n")
    .slice(1, -1)
    .map((line) => {
      const [file = "", outcomes = "", events = "", reason = ""] = line.split("\t");
      return [file, { file, outcomes, events, reason }];
    }),
);

const MAILS = samplesIn("imip", /\.eml$/).filter((file) => !file.startsWith("scenarios/"));
const BODIES = samplesIn("imip/itip-bodies", /\.ics$/)
  .map((file) => `itip-bodies/${file}`)
  .filter((file) => !file.includes("/expected-"));

async function rowOf(file: string): Promise<Omit<Row, "reason">> {
  const octets = readSample("imip", file);
  const mail: Mail = file.endsWith(".ics") ? calendarMail(octets, "text/calendar") : { octets };
  const desk = new SecretaryDesk();
  await desk.deliver(UNRELATED);
  const told = await desk.deliver(mail);
  const feed = desk.feed();
  readFeed(feed);
  const events = new TextDecoder()
    .decode(feed)
    .replaceAll("\r\n ", "")
    .matchAll(/BEGIN:VEVENT\r\nUID:(.*)\r\n[\s\S]*?\r\nDTSTART(.*)\r\n/g);
  return {
    file,
    outcomes: told.map(({ outcome }) => outcomeText(outcome)).join(", "),
    events: [...events]
      .filter(([, uid]) => uid !== UNRELATED_UID)
      .map(([, uid, start]) => `${uid} ${start}`)
      .join(", "),
  };
}

for (const file of [...MAILS, ...BODIES]) {
  test(`corpus imip/${file}`, async () => {
    const row = await rowOf(file);
    const { reason, ...expected } = TABLE.get(file) ?? { file, outcomes: "", events: "", reason: "" };
    assert.deepEqual(row, expected);
    const isInvitation = /METHOD (REQUEST|PUBLISH)/.test(describedAs(`imip/${file}`));
    if (isInvitation && row.events === "") assert.notEqual(reason, "", "why is it not in the feed?");
  });
}

test("every sample of imip/ has its row", { skip: WITHOUT_CORPUS }, () => {
  assert.deepEqual([...TABLE.keys()].sort(), [...MAILS, ...BODIES].sort());
});
