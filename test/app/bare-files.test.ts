import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const MEETING_UID =
  "040000008200E00074C5B7101A82E008000000000080036751A9DC010000000000000000100000000102030405060708090A0B0C0D0E0F10";

/** The real command, on files of fixtures/tnef. */
async function ingest(folder: string, ...files: readonly string[]): Promise<string[]> {
  const paths = files.map((file) => join(root, "fixtures/tnef", file));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, "src/main.ts"), "ingest", ...paths],
    {
      env: {
        PATH: process.env.PATH,
        DOMAINNAME: "example.net",
        MAILUSER: "alice",
        MAILPASSWORD: "correct horse battery staple",
        MAILFOLDER: folder,
        WEBCAL_TIMEZONE: "Europe/Berlin",
        WEBCAL_POLICY: "list",
      },
    },
  );
  return stdout.split("\n").filter((line) => line !== "");
}

function temporaryFolder(context: { after(done: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "bare-files-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("ingest takes a bare winmail.dat as a mail of the user", async (context) => {
  const folder = temporaryFolder(context);
  const [line, ...others] = await ingest(folder, "request-in-zone.dat");
  assert.match(line ?? "", new RegExp(`^added new ${MEETING_UID}`));
  assert.deepEqual(others, []);

  const feed = readFileSync(join(folder, "webcal/calendar.ics"), "utf8").replaceAll("\r\n ", "");
  assert.match(feed, /^DTSTART;TZID=Europe\/Berlin:20260305T100000\r$/m);
  assert.match(feed, /^SUMMARY:Budget Ü\r$/m);
  assert.match(feed, /^DESCRIPTION:.*Organizer: Ann Example <ann@example\.org>\r$/m);

  const mailbox = join(folder, "alice/Maildir/.Secretary");
  const messages = ["new", "cur"].flatMap((part) =>
    readdirSync(join(mailbox, part)).map((name) => join(mailbox, part, name)),
  );
  assert.equal(messages.length, 1);
  const mail = readFileSync(messages[0] ?? "", "utf8");
  assert.match(mail, /^From: <alice@example\.net>\r?$/m);
  assert.match(mail, /^Content-Type: application\/ms-tnef; name="winmail\.dat"\r?$/m);
});

test("ingest of a winmail.dat without a meeting says so", async (context) => {
  assert.deepEqual(await ingest(temporaryFolder(context), "accepted.dat"), [
    `no_action method-ignored ${MEETING_UID}`,
  ]);
});

test("ingest of a meeting and its cancellation cancels it", async (context) => {
  const folder = temporaryFolder(context);
  const lines = await ingest(folder, "series-with-exceptions.dat", "cancelled-series.dat");
  assert.deepEqual(
    lines.map((line) => line.split(" ").slice(0, 2).join(" ")),
    ["added new", "updated instance", "cancelled series"],
  );
  const feed = readFileSync(join(folder, "webcal/calendar.ics"), "utf8");
  assert.match(feed, /^STATUS:CANCELLED\r$/m, "the last event stays, struck out");
});
