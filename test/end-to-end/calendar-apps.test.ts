import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { skipWithout } from "../installed-programs.ts";
import { invitation } from "./support/messages.ts";
import { startServer } from "./support/running-server.ts";
import { ownFolder, PASSWORD, USER } from "./support/test-settings.ts";

const run = promisify(execFile);

/** A calendar app of two programs: vdirsyncer subscribes to the feed, khal shows what it brought. */
function subscribe(t: TestContext, port: number) {
  const home = ownFolder(t);
  const calendar = join(home, "calendar");
  mkdirSync(calendar);
  const syncer = join(home, "vdirsyncer.conf");
  writeFileSync(
    syncer,
    `[general]
status_path = "${join(home, "status")}"
[pair feed]
a = "secretary"
b = "local"
collections = null
conflict_resolution = "a wins"
[storage secretary]
type = "http"
url = "http://127.0.0.1:${port}/calendar.ics"
username = "${USER}"
password = "${PASSWORD}"
[storage local]
type = "filesystem"
path = "${calendar}"
fileext = ".ics"
`,
  );
  const viewer = join(home, "khal.conf");
  writeFileSync(
    viewer,
    `[calendars]
[[secretary]]
path = ${calendar}
[sqlite]
path = ${join(home, "khal.db")}
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
`,
  );
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, LC_ALL: "C.UTF-8" };
  return {
    /** Fetches the feed. Rejects when vdirsyncer does not understand it. */
    async sync(): Promise<void> {
      if (!existsSync(join(home, "status"))) {
        await run("vdirsyncer", ["--config", syncer, "discover", "feed"], { env });
      }
      await run("vdirsyncer", ["--config", syncer, "sync"], { env });
    },
    /** How many calendar objects are kept: one for each UID. */
    count: () => readdirSync(calendar).length,
    /** What khal shows of days: `2026-03-10 10:00 Title`. */
    async list(from: string, to: string): Promise<string[]> {
      const format = ["--format", "{start-date} {start-time} {title}", "--day-format", ""];
      const { stdout } = await run("khal", ["-c", viewer, "list", ...format, from, to], { env });
      return stdout.split("\n").filter(Boolean);
    },
  };
}

test("vdirsyncer and khal show what was mailed in, moved and cancelled", {
  skip: skipWithout("vdirsyncer", "khal"),
  timeout: 60_000,
}, async (t) => {
  const { app, mail } = await startServer(t, ownFolder(t));
  const { web } = app.addresses;
  const reader = subscribe(t, web?.port ?? 0);
  await mail.send(invitation({ uid: "single", summary: "Budget; Büro, 📅" }));
  const weekly = { uid: "series", summary: "Team", start: "20260309T090000" };
  await mail.send(invitation({ ...weekly, lines: ["RRULE:FREQ=WEEKLY;COUNT=4"] }));
  await app.settled();
  await reader.sync();
  assert.equal(reader.count(), 2);
  assert.deepEqual(await reader.list("2026-03-01", "2026-04-30"), [
    "2026-03-09 09:00 Team",
    "2026-03-10 10:00 Budget; Büro, 📅",
    "2026-03-16 09:00 Team",
    "2026-03-23 09:00 Team",
    "2026-03-30 09:00 Team", // after the change to summer time
  ]);

  const later = { stamp: "20260302T080000Z", sequence: 1 };
  const moved = { ...weekly, ...later, start: "20260317T140000" };
  const dateOf = (date: string) => [`RECURRENCE-ID;TZID=Europe/Berlin:${date}`];
  await mail.send(invitation({ ...moved, lines: dateOf("20260316T090000") }, { messageId: "moved" }));
  const gone = { ...weekly, ...later, method: "CANCEL", lines: dateOf("20260323T090000") } as const;
  await mail.send(invitation(gone, { messageId: "gone" }));
  await mail.send(invitation({ uid: "single", method: "CANCEL", ...later }, { messageId: "cancelled" }));
  await app.settled();
  await reader.sync();
  assert.equal(reader.count(), 1);
  assert.deepEqual(await reader.list("2026-03-01", "2026-04-30"), [
    "2026-03-09 09:00 Team",
    "2026-03-17 14:00 Team",
    "2026-03-30 09:00 Team",
  ]);
});
