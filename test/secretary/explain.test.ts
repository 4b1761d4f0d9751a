import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import {
  CE,
  CI,
  CS,
  calendarPart,
  calendarText,
  E,
  eventE,
  type Mail,
  mailOf,
  O,
  part,
  S,
  scheduling,
} from "../calendar/case-mails.ts";
import { type DeskOptions, SecretaryDesk } from "../calendar/secretary-desk.ts";

/** The story that a desk tells after these mails; what differs from run to run is left out. */
async function storyOf(mails: readonly Mail[], subject: string, options?: DeskOptions): Promise<string> {
  const desk = new SecretaryDesk(options);
  for (const mail of mails) await desk.deliver(mail);
  const lines = desk.explain(subject);
  desk.close();
  return lines.filter((line) => !line.includes("Message-ID <")).join("\n");
}

test("explain tells what each message wanted, what readers saw change, and what is left", async () => {
  const story = await storyOf(
    [
      S(0, 0),
      O(["03-12", "11:00"], [1, 1], { LOCATION: ":Attic" }),
      CI("03-19", [1, 2]),
      S(1, 3, { SUMMARY: ":Daily standup" }),
      O(["03-12", "12:00"], [0, 0]),
    ],
    "s1@example.org",
  );
  assert.equal(
    story,
    `"Daily standup"
UID s1@example.org

Its messages as they came, by the clocks of Europe/Berlin:

1. Monday 2 March 2026, 13:00, from ann@example.org
   "Invitation"
   Says: "Standup", Thursday 5 March 2026, 09:00–09:30 (Europe/Berlin), every week, 6 times
   → Added: it is a new event
2. Monday 2 March 2026, 13:00, from ann@example.org
   "Invitation"
   Changes the date Thursday 12 March 2026, 09:00 (Europe/Berlin) to: "Standup", Thursday 12 March 2026, 11:00–11:30 (Europe/Berlin), at "Attic"
   → Updated: it changes one date of the series
        time: Thursday 12 March 2026, 09:00–09:30 (Europe/Berlin) → Thursday 12 March 2026, 11:00–11:30 (Europe/Berlin)
        place: none → "Attic"
3. Monday 2 March 2026, 13:00, from ann@example.org
   "Invitation"
   Cancels the date Thursday 19 March 2026, 09:00 (Europe/Berlin)
   → Updated: it cancels one date of the series
4. Monday 2 March 2026, 13:00, from ann@example.org
   "Invitation"
   Says: "Daily standup", Thursday 5 March 2026, 09:00–09:30 (Europe/Berlin), every week, 6 times
   → Updated: it is a newer version of the event
        title: "Standup" → "Daily standup"
5. Monday 2 March 2026, 13:00, from ann@example.org
   "Invitation"
   Changes the date Thursday 12 March 2026, 09:00 (Europe/Berlin) to: "Standup", Thursday 12 March 2026, 12:00–12:30 (Europe/Berlin)
   → Ignored: its sender numbered it version 0, and version 1 is known

In the calendar now:
  "Daily standup", Thursday 5 March 2026, 09:00–09:30 (Europe/Berlin), every week, 6 times, without Thursday 19 March 2026
    but in place of Thursday 12 March 2026, 09:00 (Europe/Berlin): "Standup", Thursday 12 March 2026, 11:00–11:30 (Europe/Berlin), at "Attic"`,
  );
});

const answer = (): Mail => scheduling("REPLY", [eventE(0, 1)], { from: "u@example.net" });

test("explain names the message that ended an event, and tells of those that are not in the mailbox", async () => {
  const story = await storyOf([E(0, 0), answer(), CE(1, 2), E(0, 1)], "budget");
  assert.match(story, /^2\. .*, from u@example\.net\n {3}→ Ignored: it is an answer/m);
  assert.match(story, /^3\. .*\n.*\n {3}Cancels the event\n {3}→ Cancelled: it cancels the event$/m);
  assert.match(story, /^4\. (.*\n){3} {3}→ Ignored: it is not newer than the cancellation$/m);
  assert.match(story, /^Not in the calendar: message 3 cancelled it$/m);
});

test("explain says why strangers may not change an event", async () => {
  const forged = CE(1, 1, undefined, { from: "evil@evil.example" });
  const stolen = E(1, 1, { ORGANIZER: ":mailto:evil@evil.example" }, { from: "evil@evil.example" });
  const story = await storyOf([E(0, 0), forged, stolen], "e1@example.org");
  assert.match(
    story,
    /→ Ignored: the event belongs to ann@example\.org, and evil@evil\.example is not of the same organization/,
  );
  assert.match(
    story,
    /→ Ignored: the event belongs to ann@example\.org, and this says that it belongs to evil@evil\.example/,
  );
});

test("explain says that a message waits for the user, and that one was taken out", async () => {
  assert.match(
    await storyOf([E(0, 0)], "e1@example.org", { policy: "list" }),
    /If it waits in Secretary\.Held, move it to Secretary and it counts/,
  );
  const desk = new SecretaryDesk();
  await desk.deliver(E(0, 0));
  desk.remove(desk.filed.map(({ key }) => key));
  assert.match(
    desk.explain("e1@example.org").join("\n"),
    /→ Counts no more: it was taken out of the mailbox Secretary\n\nNot in the calendar: no message/,
  );
  desk.close();
});

test("explain finds events by words of their titles and by days, and lists them when there are several", async () => {
  const mails = [S(0, 0), E(0, 0), E(0, 0, { UID: ":e2@example.org", SUMMARY: ":Budget 2027" })];
  assert.match(await storyOf(mails, "STANDUP"), /^"Standup"\nUID s1@example\.org\n/);
  assert.match(await storyOf(mails, "2026-03-26"), /^"Standup"\n/, "one of the dates of a series");
  assert.equal(
    await storyOf(mails, "budget"),
    `2 events may be meant; ask for one by its UID:

"Budget", Tuesday 10 March 2026, 10:00–11:00 (Europe/Berlin)
  UID e1@example.org
"Budget 2027", Tuesday 10 March 2026, 10:00–11:00 (Europe/Berlin)
  UID e2@example.org`,
  );
  assert.equal(await storyOf(mails, "2026-03-27"), "");
});

test("explain tells the faults of a damaged winmail.dat, whether an event came of it or not", async () => {
  const file = readFileSync(join(resolve(import.meta.dirname, "../../fixtures/tnef"), "request-in-zone.dat"));
  const wrongSum = file.with(-1, (file.at(-1) ?? 0) ^ 0xff);
  const attached = (octets: Uint8Array, id: string) => {
    const { octets: message } = mailOf(
      part("application/ms-tnef; name=winmail.dat", octets, { base64: true }),
    );
    return {
      octets: Buffer.from(
        Buffer.from(message)
          .toString("latin1")
          .replace(/^Message-ID: .*$/m, `Message-ID: <${id}>`),
        "latin1",
      ),
    };
  };
  const story = await storyOf([attached(wrongSum, "1@damaged.example")], "1@damaged.example");
  assert.match(
    story,
    /A fault in it: winmail\.dat: Attribute 0x9003 does not have its checksum\n\nIn the calendar now:/,
  );
  const cutStory = await storyOf(
    [attached(file.subarray(0, 200), "2@damaged.example")],
    "<2@damaged.example>",
  );
  assert.match(
    cutStory,
    /→ Not usable: winmail\.dat cannot be read\n {3}A fault in it: winmail\.dat: Cannot read attribute/,
  );
});

test("explain tells what else was in a message", async () => {
  const task = calendarPart(
    calendarText("REQUEST", [eventE(0, 0)], ["BEGIN:VTODO", "UID:e1@example.org", "END:VTODO"]),
    "REQUEST",
  );
  assert.match(
    await storyOf([mailOf(task)], "e1@example.org"),
    /Something else in it → Ignored: it is a task/,
  );
});

test("explain lets no sender write control characters or turn lines around", async () => {
  const mail = E(0, 0, { SUMMARY: ":Bud\u009b2Jget \u202egnitteem" });
  assert.doesNotMatch(await storyOf([mail, CS(1, 1)], "e1@example.org"), /[^\P{Cc}\n]|\u202e/u);
});
