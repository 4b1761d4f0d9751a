import assert from "node:assert/strict";
import { test } from "node:test";
import { corpusSamples, readExpected, readSample } from "../core/tnef/corpus.ts";
import { playCase } from "./cases.ts";
import { OUTLOOK_CASES, withLastOctetChanged } from "./outlook-cases.ts";
import { fixture, MEETING_UID, winmail } from "./outlook-mails.ts";
import { OUTLOOK_MERGING_CASES } from "./outlook-merging-cases.ts";
import { OUTLOOK_NESTING_CASES } from "./outlook-nesting-cases.ts";
import { readFeed } from "./read-feed.ts";
import { outcomeText, SecretaryDesk } from "./secretary-desk.ts";

const CASES = [...OUTLOOK_CASES, ...OUTLOOK_NESTING_CASES, ...OUTLOOK_MERGING_CASES];

for (const one of CASES) test(`${one.id} ${one.name}`, () => playCase(one));

test("W11 truncation: at every length the event as it is, or an error", async () => {
  const whole = fixture("request-in-zone");
  const told = new Map<string, number>();
  for (let length = 0; length < whole.length; length++) {
    const desk = new SecretaryDesk();
    const outcomes = await desk.deliver(winmail(whole.subarray(0, length)));
    const texts = outcomes.map(({ outcome }) => outcomeText(outcome)).join(", ");
    told.set(texts, (told.get(texts) ?? 0) + 1);
    const { agenda } = readFeed(desk.feed());
    const expected = texts === "added new" ? { [MEETING_UID]: ["03-05 10:00-11:00"] } : {};
    assert.deepEqual(agenda, expected, `${length} octets`);
    desk.close();
  }
  assert.deepEqual([...told.keys()].sort(), ["added new", "error tnef"]);
  assert.equal(told.get("added new"), 2, "only the last checksum may be missing");
});

test("W12 checksum: what was wrong and did not matter is told to the log", async () => {
  const octets = withLastOctetChanged(fixture("request-in-zone"));
  const desk = new SecretaryDesk();
  const [message] = await desk.receive([winmail(octets)]);
  assert.deepEqual(message?.reading.remarks, ["winmail.dat: Attribute 0x9003 does not have its checksum"]);
  desk.close();
});

interface ExpectedMeeting {
  readonly calendar?: { readonly method: string; readonly start_utc: string; readonly all_day?: boolean };
}

for (const file of corpusSamples()) {
  test(`corpus ${file} mailed to the secretary: its meeting and nothing else is in the feed`, async () => {
    const desk = new SecretaryDesk();
    const outcomes = await desk.deliver(winmail(readSample(file)));
    assert.equal(outcomes.length, 1);
    const [[first = ""] = []] = Object.values(readFeed(desk.feed()).agenda);
    const { calendar } = readExpected(file) as ExpectedMeeting;
    const isShown = calendar !== undefined && /^(REQUEST|none)/.test(calendar.method);
    if (!isShown) assert.equal(first, "");
    else if (calendar.all_day === true) assert.match(first, /^\d{4}-\d\d-\d\d$/);
    else assert.ok(first.startsWith(berlinText(calendar.start_utc)), first);
    desk.close();
  });
}

const BERLIN = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Berlin",
  dateStyle: "short",
  timeStyle: "short",
});

function berlinText(time: string): string {
  return BERLIN.format(new Date(time));
}
