import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readConfig } from "../../src/app/config.ts";
import { ingest } from "../../src/app/ingest.ts";
import { E, type Mail } from "../calendar/case-mails.ts";

/** Puts a mail before the secretary with these settings, and reads the calendar that is published then. */
async function ingestWith(
  folder: string,
  mail: Mail,
  settings: Readonly<Record<string, string>>,
): Promise<string> {
  const reading = readConfig(() => "", {
    DOMAINNAME: "example.net",
    MAILUSER: "u",
    MAILPASSWORD: "x",
    MAILFOLDER: folder,
    ...settings,
  });
  assert.ok(reading.ok);
  const { config } = reading;
  assert.ok(config.webcal);
  const file = join(folder, "message.eml");
  await writeFile(file, mail.octets);
  const terminal = {
    print: () => undefined,
    printError: (text: string) => assert.fail(text),
    isInteractive: false,
    stop: new AbortController().signal,
    onHangUp: () => undefined,
  };
  await ingest(config, config.webcal, { files: [file], dryRun: false, terminal });
  return readFile(join(folder, "webcal", "calendar.ics"), "utf8");
}

test("what is in the calendar follows from the settings of now, also where they judge older messages", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "settings-"));
  t.after(() => rm(folder, { recursive: true }));
  const update = E(1, 1, { SUMMARY: ":Budget by Bob" }, { from: "bob@example.com" });
  const other = (uid: string) => E(0, 0, { UID: `:${uid}@example.org` });
  await ingestWith(folder, E(0, 0), {});
  assert.doesNotMatch(await ingestWith(folder, update, {}), /Bob/);
  assert.match(
    await ingestWith(folder, other("a"), { WEBCAL_ALLOWED_SENDERS: "@example.com" }),
    /Budget by Bob/,
  );
  const calendar = await ingestWith(folder, other("b"), { WEBCAL_INGEST_USER: "agenda" });
  assert.match(calendar, /ORGANIZER;CN=Secretary:mailto:agenda@example\.net/);
  assert.doesNotMatch(calendar, /mailto:secretary@|Bob/);
});
