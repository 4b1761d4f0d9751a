import assert from "node:assert/strict";
import { test } from "node:test";
import { type FetchMessageObject, ImapFlow } from "imapflow";
import { deliver, PASSWORD, startImap, USER } from "./imap-fixture.ts";

const MESSAGE = (n: number): string =>
  `From: Ann <ann@example.org>\r\nTo: anna@example.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= ${n}\r\n` +
  `Message-ID: <${n}@example.org>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n` +
  `--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nText ${n}\r\n` +
  `--x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n` +
  `Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--x--\r\n`;

for (const mode of ["STARTTLS", "implicit TLS"]) {
  test(`a mail app does all that mail apps do, over ${mode}`, async (t) => {
    const imap = await startImap(t);
    await deliver(imap.maildir, "INBOX", MESSAGE(1), MESSAGE(2), MESSAGE(3));
    const client = new ImapFlow({
      host: "127.0.0.1",
      port: mode === "STARTTLS" ? imap.port : imap.portTls,
      secure: mode !== "STARTTLS",
      ...(mode === "STARTTLS" && { doSTARTTLS: true }),
      auth: { user: USER, pass: PASSWORD },
      tls: { rejectUnauthorized: false },
      logger: false,
      disableAutoIdle: true,
    });
    client.on("error", () => undefined);
    await client.connect();
    t.after(() => client.close());

    const mailboxes = await client.list();
    assert.equal(mailboxes.find((mailbox) => mailbox.specialUse === "\\Sent")?.path, "Sent");
    await client.mailboxCreate("Projekte.Küche");
    assert.ok((await client.list()).some((mailbox) => mailbox.path === "Projekte.Küche"));

    const lock = await client.getMailboxLock("INBOX");
    const messages: FetchMessageObject[] = await client.fetchAll("1:*", {
      uid: true,
      flags: true,
      envelope: true,
      bodyStructure: true,
      size: true,
      internalDate: true,
    });
    assert.deepEqual(
      messages.map(({ envelope }) => envelope?.subject),
      ["Grüße 1", "Grüße 2", "Grüße 3"],
    );
    assert.equal(messages[0]?.bodyStructure?.childNodes?.[1]?.dispositionParameters?.filename, "a.pdf");
    assert.equal(messages[0]?.size, MESSAGE(1).length);

    const { content } = await client.download("2", "2");
    const pieces: Buffer[] = [];
    for await (const piece of content ?? []) pieces.push(piece);
    assert.equal(Buffer.concat(pieces).toString(), "%PDF");
    assert.equal(
      ((await client.fetchOne("3", { source: true }, {})) || undefined)?.source?.toString("latin1"),
      MESSAGE(3),
    );

    assert.deepEqual(await client.search({ subject: "grüße" }), [1, 2, 3]);
    assert.deepEqual(await client.search({ body: "Text 2" }, { uid: true }), [2]);
    assert.ok(await client.messageFlagsAdd("1", ["\\Seen", "$Label"]));
    assert.deepEqual(await client.search({ keyword: "$label" }), [1]);
    const copied = await client.messageCopy("1", "Projekte.Küche");
    assert.deepEqual(copied && [...(copied.uidMap ?? [])], [[1, 1]]);
    const moved = await client.messageMove("2", "Trash");
    assert.deepEqual(moved && [...(moved.uidMap ?? [])], [[2, 1]]);
    assert.ok(await client.messageDelete("1"));
    lock.release();

    const appended = await client.append("Drafts", MESSAGE(4), ["\\Draft"], new Date("2024-01-02T03:04:05Z"));
    assert.equal(appended ? appended.uid : undefined, 1);
    assert.deepEqual(await client.status("INBOX", { messages: true, uidNext: true }), {
      path: "INBOX",
      messages: 1,
      uidNext: 4,
    });
    await client.mailboxRename("Projekte.Küche", "Projekte.Bad");
    await client.mailboxDelete("Projekte.Bad");
    await client.logout();
  });
}

test("a mail app is told of a delivery while it idles", async (t) => {
  const imap = await startImap(t);
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: imap.portTls,
    secure: true,
    auth: { user: USER, pass: PASSWORD },
    tls: { rejectUnauthorized: false },
    logger: false,
  });
  client.on("error", () => undefined);
  await client.connect();
  t.after(() => client.close());
  await client.mailboxOpen("INBOX");
  const told = new Promise<number>((resolve) => client.once("exists", ({ count }) => resolve(count)));
  const idling = client.idle();
  await deliver(imap.maildir, "INBOX", MESSAGE(1));
  assert.equal(await told, 1);
  await client.noop();
  await idling;
});
