import assert from "node:assert/strict";
import { test } from "node:test";
import { readSample, samplesIn, WITHOUT_CORPUS } from "./corpus.ts";
import { SEQUENCES } from "./corpus-sequences.ts";
import { readFeed } from "./read-feed.ts";
import { calendarMail, outcomeText, SecretaryDesk, UNRELATED, UNRELATED_UID } from "./secretary-desk.ts";

for (const { name, files, outcomes, shows, lines = [] } of SEQUENCES) {
  test(`corpus ${name}`, { skip: WITHOUT_CORPUS }, async () => {
    const desk = new SecretaryDesk();
    await desk.deliver(UNRELATED);
    const told: string[] = [];
    for (const file of files) {
      const octets = readSample("imip", file);
      const mail = file.endsWith(".ics") ? calendarMail(octets, "text/calendar") : { octets };
      const all = (await desk.deliver(mail)).map(({ outcome }) => outcomeText(outcome));
      told.push(all.sort().join(", "));
    }
    const { agenda, lines: feed } = readFeed(desk.feed());
    const { [UNRELATED_UID]: _unrelated, ...rest } = agenda;
    assert.deepEqual({ told, shows: rest }, { told: outcomes, shows });
    for (const line of lines) assert.ok(feed.includes(line), `${line} is not in the feed`);
    desk.close();
  });
}

test("every scenario of the corpus has its sequence", { skip: WITHOUT_CORPUS }, () => {
  const known = new Set(SEQUENCES.flatMap(({ files }) => files));
  for (const file of samplesIn("imip/scenarios", /\.eml$/)) assert.ok(known.has(`scenarios/${file}`), file);
});

/** Cases of sabre/vobject: a message, the calendar before it and after it. */
const MERGE_CASES: Readonly<Record<string, { outcome: string; reason: string }>> = {
  "Cancel.txt": { outcome: "cancelled series", reason: "" },
  "CancelNoExistingEvent.txt": {
    outcome: "no_action held-cancel",
    reason: "Nothing is to be seen, as in the sample, but a REQUEST that comes later will not be either.",
  },
  "RequestNew.txt": { outcome: "added new", reason: "" },
  "RequestUpdate.txt": { outcome: "updated newer", reason: "" },
};

for (const file of samplesIn("imip/merge-cases", /\.txt$/)) {
  test(`corpus merge-cases/${file}`, async () => {
    const sections = readSample("imip", "merge-cases", file)
      .toString()
      .split(/^--- .*\n/m);
    const [, message = "", before = ""] = sections;
    const desk = new SecretaryDesk();
    await desk.deliver(UNRELATED);
    if (before.includes("VEVENT")) await desk.deliver(calendarMail(withStart(before), "text/calendar"));
    const told = await desk.deliver(calendarMail(withStart(message), "text/calendar"));
    const expected = MERGE_CASES[file]?.outcome ?? "no_action method-ignored"; // a REPLY
    assert.deepEqual(
      told.map(({ outcome }) => outcomeText(outcome)),
      [expected],
    );
    assert.equal(
      "foobar" in readFeed(desk.feed()).agenda,
      /BEGIN:VEVENT/.test(sections[3] ?? "") && !/CANCELLED/.test(sections[3] ?? ""),
    );
    desk.close();
  });
}

/** The samples leave out what RFC 5545 §3.6.1 demands, since sabre does not look at it. */
function withStart(calendar: string): string {
  if (calendar.includes("DTSTART")) return calendar;
  return calendar.replace("UID:foobar", "UID:foobar\nDTSTART:20140725T000000Z");
}
