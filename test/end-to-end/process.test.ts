import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { FeedClient } from "./support/feed-client.ts";
import { connectMail } from "./support/mail-client.ts";
import { messageIds, snapshot } from "./support/mail-on-disk.ts";
import { invitation, plainMail } from "./support/messages.ts";
import { type ProcessOptions, ServerProcess } from "./support/server-process.ts";
import { atEnd, ownFolder, SECRETARY, settingsFor } from "./support/test-settings.ts";
import { eventually } from "./support/waiting.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
/** Docker kills what has not stopped by then. */
const STOP_WITHIN_MS = 10_000;

function processOn(t: TestContext, folder: string, options: ProcessOptions = {}): ServerProcess {
  const server = new ServerProcess(folder, options);
  atEnd(t, async () => void (await server.kill()));
  return server;
}

function commandOn(folder: string, ...argv: readonly string[]) {
  const env = { PATH: process.env.PATH, ...settingsFor(folder) };
  return spawnSync(process.execPath, [MAIN, ...argv], { env, encoding: "utf8" });
}

test("SIGTERM: the message being received is finished and answered, then the server ends with 0", async (t) => {
  const folder = ownFolder(t);
  const server = processOn(t, folder);
  await server.start();
  const client = await RawClient.connectSecure(server.smtpPort);
  await client.begin(SECRETARY);
  const message = invitation({ uid: "at-the-end" }).replaceAll("\n", "\r\n");
  client.send(message.slice(0, 300));
  const idle = connect(server.webPort, "127.0.0.1").on("error", () => undefined); // keeps nothing up
  atEnd(t, () => void idle.destroy());

  const startedAt = performance.now();
  const ended = server.kill("SIGTERM");
  await eventually(5_000, () => assert.ok(server.log.some(({ msg }) => msg === "Stopping")));
  await assert.rejects(RawClient.connect(server.smtpPort), /ECONNREFUSED/);
  client.send(`${message.slice(300)}.\r\n`);
  await client.reply(250);
  assert.equal(await ended, 0);
  assert.ok(performance.now() - startedAt < STOP_WITHIN_MS);
  assert.equal(server.log.at(-1)?.msg, "Stopped");

  await server.start();
  await eventually(10_000, async () =>
    assert.deepEqual(await new FeedClient(server.webPort).summaries(), ["at-the-end"]),
  );
});

test("SIGTERM: clients that keep every connection busy do not keep the server up", async (t) => {
  const server = processOn(t, ownFolder(t));
  await server.start();
  const slow = await RawClient.connectSecure(server.smtpPort);
  await slow.begin();
  const dripping = setInterval(() => slow.send("x\r\n"), 100);
  atEnd(t, () => clearInterval(dripping));
  const stuck = connect(server.webPort, "127.0.0.1").on("error", () => undefined);
  stuck.write("GET /calendar.ics HTTP/1.1\r\n"); // and never the rest
  atEnd(t, () => void stuck.destroy());

  const startedAt = performance.now();
  const code = await server.kill("SIGTERM");
  assert.equal(code, 0, JSON.stringify(server.log.slice(-3)));
  assert.ok(performance.now() - startedAt < STOP_WITHIN_MS + 1_000);
});

test("a server whose secretary is blocked says so in its log, and starts", async (t) => {
  const server = processOn(t, ownFolder(t), { settings: { BLOCKED_RECIPIENTS: "*" } });
  await server.start();
  const [first] = server.log;
  assert.equal(first?.level, "warn");
  assert.match(JSON.stringify(first), /BLOCKED_RECIPIENTS.*blocks secretary@example\.test as well/);
});

test("a second process on the same folder ends with 1 and a sentence, and the first goes on", async (t) => {
  const folder = ownFolder(t);
  const first = processOn(t, folder);
  await first.start();
  const second = processOn(t, folder);
  await assert.rejects(second.start(), (error: Error) => {
    assert.match(
      error.message,
      /^The server ended with 1: Cannot start: another Secretary works with "[^"]*"; stop it first\n$/,
    );
    return true;
  });
  const mail = connectMail(first.smtpPort);
  await mail.send(plainMail("still-here"), "user@example.test");
  mail.close();
  assert.deepEqual(messageIds(folder, "INBOX"), ["still-here"]);
});

test("without a calendar, too, one process works with a folder, and the next one can whatever became of it", async (t) => {
  const folder = ownFolder(t);
  const options = { settings: { WEBCAL_ENABLED: "false" } };
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    const first = processOn(t, folder, options);
    await first.start();
    const before = snapshot(folder);
    await assert.rejects(processOn(t, folder, options).start(), (error: Error) => {
      assert.equal(
        error.message,
        `The server ended with 1: Cannot start: another Secretary works with "${folder}"; stop it first\n`,
      );
      return true;
    });
    assert.deepEqual(snapshot(folder), before);
    await first.kill(signal);
  }
  await processOn(t, folder, options).start();
});

test("beside a server ingest hands over what it is given, and rebuild refuses", async (t) => {
  const folder = ownFolder(t);
  const server = processOn(t, folder);
  await server.start();
  const file = join(ownFolder(t), "one.eml");
  writeFileSync(file, invitation({ uid: "handed-over" }));
  const ingested = commandOn(folder, "ingest", file);
  const [outcome, ...rest] = ingested.stdout.split("\n");
  assert.match(outcome ?? "", /^added new handed-over /);
  const whose = `the Secretary that works with "${folder}", or the next one with a calendar`;
  assert.deepEqual(rest, [`Left for ${whose}: 1 message`, ""]);
  assert.equal(ingested.status, 0);
  await eventually(10_000, async () =>
    assert.deepEqual(await new FeedClient(server.webPort).summaries(), ["handed-over"]),
  );
  const rebuilt = commandOn(folder, "rebuild");
  assert.match(rebuilt.stderr, /^The server is running: stop it first/);
  assert.equal(rebuilt.status, 1);
});

test("wrong settings end it with 78 and every fault in one message", async (t) => {
  const settings = { DOMAINNAME: "localhost", WEBCAL_POLICE: "list", MAX_MESSAGE_SIZE: "ten" };
  const server = processOn(t, ownFolder(t), { settings });
  await assert.rejects(server.start(), (error: Error) => {
    assert.match(error.message, /^The server ended with 78: Cannot start: 3 settings are wrong\n/);
    for (const name of Object.keys(settings)) assert.match(error.message, new RegExp(`^  ${name} `, "m"));
    return true;
  });
});

test("a port that is taken, and a folder that cannot be written, end it with 1 and a sentence", async (t) => {
  const folder = ownFolder(t);
  const first = processOn(t, join(folder, "one"));
  await first.start();
  const settings = { SMTP_LISTEN: `127.0.0.1:${first.smtpPort}` };
  const taken = processOn(t, join(folder, "two"), { settings });
  await assert.rejects(
    taken.start(),
    /^Error: The server ended with 1: Cannot listen on 127\.0\.0\.1:\d+: another program listens there\n/,
  );

  const file = join(folder, "file");
  writeFileSync(file, "");
  await assert.rejects(
    processOn(t, file).start(),
    /^Error: The server ended with 1: Cannot keep mail in ".*": a part of this path is a file; choose a folder\n/,
  );
});

test("a folder that belongs to somebody else ends it with 1 and a sentence", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("needs root, to become nobody");
  const folder = ownFolder(t);
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "mail"), { mode: 0o755 });
  assert.throws(
    () =>
      execFileSync(process.execPath, [MAIN, "serve"], {
        uid: 65_534,
        env: {
          DOMAINNAME: "example.test",
          MAILUSER: "user",
          MAILPASSWORD: "x",
          MAILFOLDER: join(folder, "mail"),
        },
        stdio: "pipe",
      }),
    ({ status, stderr }) => {
      assert.equal(
        String(stderr).split("\n")[0],
        `Cannot keep mail in "${folder}/mail": give the folder to user id 65534, or choose another`,
      );
      assert.equal(status, 1);
      return true;
    },
  );
});
