import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createTransport } from "nodemailer";
import { eximRelay } from "../mail-servers/exim.ts";
import {
  findObstacle,
  type MailServerSetup,
  runUnpacked,
  startMailServer,
} from "../mail-servers/mail-server.ts";
import { openSmtpdRelay } from "../mail-servers/opensmtpd.ts";
import { postfixRelay } from "../mail-servers/postfix.ts";
import { startProxy } from "./proxy-in-front.ts";
import { mailboxFolder } from "./support/mail-on-disk.ts";
import { ServerProcess } from "./support/server-process.ts";

/** Whether `npm test` can run the mail servers of Debian here; `.ci/run` unpacks them. */
const obstacle = await findObstacle();
const skip = obstacle ?? false;
/** They come from here, as far as greylisting knows. */
const ADDRESS = "203.0.113.7";
const WITHIN_MS = 30_000;

const UTF8 = "Grüße aus Köln: дом, 家 📅";
const LARGE = `${randomBytes(45).toString("base64")}\r\n`.repeat(50_000);

interface Letter {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly fields: string;
  readonly body: string;
}

const PLAIN: Letter = {
  name: "plain",
  from: "bob@example.org",
  to: "anna@example.test",
  fields: "",
  body: "Hello\r\n.\r\n..two dots\r\n",
};
const LETTERS: readonly Letter[] = [
  PLAIN,
  { ...PLAIN, name: "large", body: LARGE },
  {
    ...PLAIN,
    name: "8-bit",
    fields:
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
    body: `${UTF8}\r\n`,
  },
];
const SMTPUTF8: Letter = {
  ...PLAIN,
  name: "SMTPUTF8",
  from: "jörg@example.org",
  to: "grüße@example.test",
  fields: `X-Greeting: ${UTF8}\r\n`,
};

function textOf({ name, from, to, fields, body }: Letter): string {
  return (
    `From: <${from}>\r\nTo: <${to}>\r\nSubject: ${name}\r\nDate: Sat, 21 Nov 2026 03:34:11 +0000\r\n` +
    `Message-ID: <${name}@example.org>\r\nX-Letter: ${name}\r\n${fields}\r\n${body}`
  );
}

/** Our server behind a proxy, greylisting: who comes first has to come again. */
async function startOurs(t: TestContext, greylisting = true) {
  const folder = await mkdtemp(join(tmpdir(), "real-senders-"));
  const settings = {
    WEBCAL_ENABLED: "false",
    TRUSTED_PROXIES: "127.0.0.1",
    ...(greylisting ? { GRAYLISTING_ENABLED: "true", GRAYLISTING_DELAY: "1s" } : {}),
  };
  const server = new ServerProcess(folder, { settings });
  await server.start();
  const proxy = await startProxy(server.smtpPort, ADDRESS);
  t.after(async () => {
    proxy.stop();
    await server.kill();
    await rm(folder, { recursive: true });
  });
  const inbox = join(mailboxFolder(folder, "INBOX"), "new");

  /** The stored messages by their X-Letter, as soon as there are so many. */
  async function stored(count: number): Promise<Map<string, string>> {
    const until = Date.now() + WITHIN_MS;
    for (;;) {
      const names = await readdir(inbox);
      if (names.length >= count || Date.now() > until) {
        assert.equal(names.length, count, `${count} messages are stored: ${JSON.stringify(server.log)}`);
        const texts = await Promise.all(names.map((name) => readFile(join(inbox, name), "utf8")));
        return new Map(texts.map((text) => [/^X-Letter: (.*?)\r$/m.exec(text)?.[1] ?? "", text]));
      }
      await new Promise((resolve) => setTimeout(resolve, 100)); // another program's work: nothing to wait for
    }
  }
  return { server, port: proxy.port, stored };
}

function assertArrived(text: string | undefined, letter: Letter): void {
  assert.ok(text, `${letter.name} has arrived`);
  assert.match(
    text,
    /^Received: from .*\r\n\tby example\.test with (?:UTF8SMTP|ESMTP)S \(TLSv1\.3 /m,
    letter.name,
  );
  const body = text.slice(text.indexOf("\r\n\r\n") + 4);
  assert.ok(body === letter.body, `${letter.name} has arrived as it was sent`);
  if (letter.fields !== "") assert.ok(text.includes(letter.fields), `the fields of ${letter.name}`);
}

const SERVERS: readonly {
  readonly name: string;
  readonly setup: (port: number, target: number) => MailServerSetup;
  readonly letters: readonly Letter[];
}[] = [
  { name: "Postfix", setup: postfixRelay, letters: [...LETTERS, SMTPUTF8] },
  { name: "Exim", setup: eximRelay, letters: [...LETTERS, SMTPUTF8] },
  { name: "OpenSMTPD", setup: openSmtpdRelay, letters: LETTERS }, // it does not know SMTPUTF8
];

for (const { name, setup, letters } of SERVERS) {
  test(`${name} delivers, after greylisting, what it was given`, { skip, timeout: 120_000 }, async (t) => {
    const ours = await startOurs(t);
    const theirs = await startMailServer((port) => setup(port, ours.port));
    t.after(() => theirs.stop());
    const transport = createTransport({ host: "127.0.0.1", port: theirs.port, ignoreTLS: true });
    for (const letter of letters) {
      const envelope = { from: letter.from, to: [letter.to], use8BitMime: true };
      await transport.sendMail({ envelope, raw: Buffer.from(textOf(letter)) });
    }
    const texts = await ours.stored(letters.length);
    for (const letter of letters) assertArrived(texts.get(letter.name), letter);
    assert.ok(ours.server.log.some(({ msg }) => msg === "Greylisted"));
  });
}

test("msmtp delivers what it was given", { skip, timeout: 60_000 }, async (t) => {
  const ours = await startOurs(t, false);
  const options = `--host=127.0.0.1 --port=${ours.port} --tls=on --tls-starttls=on --tls-certcheck=off`;
  for (const letter of LETTERS) {
    await runUnpacked(
      `exec msmtp --file=/dev/null ${options} --from=${letter.from} ${letter.to}`,
      textOf(letter).replaceAll("\r\n", "\n"),
    );
  }
  const texts = await ours.stored(LETTERS.length);
  for (const letter of LETTERS) assertArrived(texts.get(letter.name), letter);
});

test("swaks delivers what it was given, pipelined", { skip, timeout: 60_000 }, async (t) => {
  const ours = await startOurs(t, false);
  for (const letter of LETTERS) {
    await runUnpacked(
      `exec swaks --server 127.0.0.1:${ours.port} --tls --pipeline --helo swaks.example.org --suppress-data --from ${letter.from} --to ${letter.to} --data -`,
      textOf(letter).replaceAll("\r\n", "\n"),
    );
  }
  const texts = await ours.stored(LETTERS.length);
  for (const letter of LETTERS) assert.ok(texts.has(letter.name));
});
