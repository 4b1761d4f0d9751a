import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { createTransport } from "nodemailer";
import { RawClient } from "./raw-client.ts";
import { readAll, startServer } from "./smtp-fixture.ts";

const MESSAGE = "From: bob@example.org\r\nSubject: Lunch\r\n\r\nAt noon.\r\n..\r\n";

function connectNodemailer(port: number) {
  return createTransport({ host: "127.0.0.1", port, requireTLS: true, tls: { rejectUnauthorized: false } });
}

test("a message arrives octet for octet under its trace fields (RFC 5321 §4.4)", async (t) => {
  const { delivered, port } = await startServer(t);
  const client = connectNodemailer(port);
  const { response } = await client.sendMail({
    envelope: { from: "bob@example.org", to: ["Anna@Example.TEST", "secretary@example.test"] },
    raw: MESSAGE,
  });
  const { transaction, text } = delivered[0] ?? assert.fail("nothing was delivered");
  assert.match(response, new RegExp(`^250 2\\.6\\.0 Stored as ${transaction.id}$`));
  assert.deepEqual(transaction.forwardPaths, ["Anna@example.test", "secretary@example.test"]);
  assert.equal(transaction.reversePath, "bob@example.org");
  assert.match(
    text,
    /^Return-Path: <bob@example\.org>\r\nDelivered-To: Anna@example\.test\r\nDelivered-To: secretary@example\.test\r\nReceived: from \S+ \(\[127\.0\.0\.1\]\)\r\n\tby example\.test with ESMTPS \(TLSv1\.3 TLS_\w+\)\r\n\tid [0-9a-f]{16};\r\n\tSat, 21 Nov 2026 03:34:11 \+0000\r\nFrom: /,
  );
  assert.ok(text.endsWith(`\r\n${MESSAGE}`));
});

test("STARTTLS comes before mail (RFC 3207 §4)", async (t) => {
  const { port } = await startServer(t);
  const client = await RawClient.connect(port);
  await client.reply(220);
  const capabilities = await client.say("EHLO client.example.org\r\n", 250);
  assert.match(capabilities, /STARTTLS/);
  assert.match(capabilities, /SIZE 100000/);
  assert.doesNotMatch(capabilities, /AUTH|CHUNKING|DSN/);
  assert.match(await client.say("MAIL FROM:<bob@example.org>\r\n", 530), /^530 5\.7\.0 /);
  await client.say("RCPT TO:<anna@example.test>\r\n", 503);
  await client.startTls();
  await client.say("MAIL FROM:<bob@example.org>\r\n", 503); // the greeting is forgotten
  assert.doesNotMatch(await client.say("EHLO client.example.org\r\n", 250), /STARTTLS/);
  await client.say("MAIL FROM:<bob@example.org>\r\n", 250);
  client.destroy();
});

test("what is sent in the clear behind STARTTLS is not carried out after it (CVE-2011-0411)", async (t) => {
  const { port } = await startServer(t);
  const client = await RawClient.connect(port);
  await client.reply(220);
  await client.say("EHLO client.example.org\r\n", 250);
  await client.startTls("EHLO injected.example.net\r\nMAIL FROM:<mallory@example.net>\r\n");
  await client.say("RCPT TO:<anna@example.test>\r\n", 503);
  await client.say("EHLO client.example.org\r\n", 250);
  await client.say("MAIL FROM:<bob@example.org>\r\n", 250);
  client.destroy();
});

test("replies to commands that came together are sent together (RFC 2920 §3.2)", async (t) => {
  const { port, delivered } = await startServer(t);
  const socket = (await RawClient.connectSecure(port)).takeSocket();
  socket.write("MAIL FROM:<bob@example.org>\r\nRCPT TO:<anna@example.test>\r\nDATA\r\n");
  const [replies] = (await once(socket, "data")) as [Buffer];
  assert.match(replies.toString("latin1"), /^250 .*\r\n250 .*\r\n354 .*\r\n$/);
  socket.write(`${MESSAGE}.\r\nQUIT\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(answer.toString("latin1"), /^250 2\.6\.0 Stored as /);
  assert.equal(delivered.length, 1);
  socket.destroy();
});

test("the reply to STARTTLS is sent before the handshake, also when it came behind another command", async (t) => {
  const { port } = await startServer(t);
  const client = await RawClient.connect(port);
  await client.reply(220);
  client.send("EHLO client.example.org\r\nNOOP\r\nSTARTTLS\r\n");
  for (const code of [250, 250, 220]) await client.reply(code);
  await client.handshake();
  await client.say("EHLO client.example.org\r\n", 250);
  client.destroy();
});

const RECIPIENTS = [
  { address: "anyone@example.test", code: 250 },
  { address: "Any.One+tag@EXAMPLE.Test", code: 250 },
  { address: "postmaster", code: 250 },
  { address: "PostMaster", code: 250 },
  { address: "printer.@example.test", code: 250 },
  { address: "../../x@example.test", code: 250 },
  { address: "@relay.example.org:anna@example.test", code: 250 },
  { address: "user%example.org@example.test", code: 250 },
  { address: "anna@example.org", code: 550 },
  { address: "anna@sub.example.test", code: 550 },
  { address: "anna@notexample.test", code: 550 },
  { address: "anna@example.test.example.org", code: 550 },
  { address: "anna@example.test/", code: 550 },
  { address: "anna@ex%61mple.test", code: 550 },
  { address: "anna@[127.0.0.1]", code: 550 },
  { address: "", code: 501 },
  { address: "anna", code: 501 },
  { address: `${"a".repeat(600)}@example.test`, code: 501 },
];

test("RCPT takes every local part of the domain, and no other domain", async (t) => {
  const { port } = await startServer(t);
  const client = await RawClient.connectSecure(port);
  await client.say("MAIL FROM:<>\r\n", 250);
  for (const { address, code } of RECIPIENTS) {
    const reply = await client.say(`RCPT TO:<${address}>\r\n`, code);
    if (code === 550) assert.match(reply, /^550 5\.7\.1 /, address);
  }
  client.destroy();
});

test("RCPT knows a domain in both of its spellings, and trace fields have the ASCII one", async (t) => {
  const { port, delivered } = await startServer(t, { domain: "bücher.example" });
  const client = await RawClient.connectSecure(port);
  await client.say("MAIL FROM:<bob@xn--mller-kva.example>\r\n", 250);
  await client.say("RCPT TO:<anna@xn--bcher-kva.EXAMPLE>\r\n", 250);
  await client.say(`RCPT TO:<bert@${Buffer.from("BÜCHER").toString("latin1")}.example>\r\n`, 250);
  await client.say("DATA\r\n", 354);
  await client.say("Subject: x\r\n\r\n\r\n.\r\n", 250);
  assert.match(
    delivered[0]?.text ?? "",
    /^Return-Path: <bob@xn--mller-kva\.example>\r\nDelivered-To: anna@xn--bcher-kva\.example\r\nDelivered-To: bert@xn--bcher-kva/,
  );
  client.destroy();
});

test("RCPT takes a hundred recipients and asks to send the rest later (RFC 5321 §4.5.3.1.10)", async (t) => {
  const { port } = await startServer(t);
  const client = await RawClient.connectSecure(port);
  await client.say("MAIL FROM:<bob@example.org>\r\n", 250);
  for (let n = 0; n < 100; n++) await client.say(`RCPT TO:<u${n}@example.test>\r\n`, 250);
  assert.match(await client.say("RCPT TO:<u100@example.test>\r\n", 452), /^452 4\.5\.3 /);
  client.destroy();
});

test("blocked recipients do not exist (BLOCKED_RECIPIENTS)", async (t) => {
  const { port } = await startServer(t, {
    blockedRecipients: ["shop", "news*@example.test", "a.*.z", "x+y", "post*"],
  });
  const client = await RawClient.connectSecure(port);
  await client.say("MAIL FROM:<bob@example.org>\r\n", 250);
  for (const localPart of ["shop", "Shop", '"shop"', '"s\\h\\op"', "news", "NewsLetter", "a.b.c.z", "x+y"]) {
    assert.match(
      await client.say(`RCPT TO:<${localPart}@Example.test>\r\n`, 550),
      /^550 5\.1\.1 /,
      localPart,
    );
  }
  await client.say("RCPT TO:<poster@example.test>\r\n", 550);
  for (const localPart of [
    "shop1",
    "myshop",
    "new",
    "a.z",
    "axz",
    "xxy",
    "postmaster",
    "Postmaster",
    '"shop.."',
  ]) {
    await client.say(`RCPT TO:<${localPart}@example.test>\r\n`, 250);
  }
  client.destroy();
});

test("TLS can be left to the sender (SMTP_REQUIRE_TLS=false), and Received says that it was not used", async (t) => {
  const { port, delivered } = await startServer(t, { requireTls: false });
  const client = await RawClient.connect(port);
  await client.reply(220);
  await client.say("EHLO client.example.org\r\n", 250);
  await client.begin();
  await client.say(`${MESSAGE}.\r\n`, 250);
  assert.equal(delivered[0]?.transaction.client.tls, undefined);
  assert.match(delivered[0]?.text ?? "", /\r\n\tby example\.test with ESMTP\r\n/);
  client.destroy();
});

test("foreign recipients can be discarded: accepted, and dropped", async (t) => {
  const { delivered, port } = await startServer(t, { foreignRecipients: "discard" });
  const client = await RawClient.connectSecure(port);
  await client.begin("anna@example.org");
  await client.say(`${MESSAGE}.\r\n`, 250);
  assert.equal(delivered.length, 0);
  await client.say("MAIL FROM:<bob@example.org>\r\n", 250);
  await client.say("RCPT TO:<anna@example.org>\r\n", 250);
  await client.say("RCPT TO:<anna@example.test>\r\n", 250);
  await client.say("DATA\r\n", 354);
  await client.say(`${MESSAGE}.\r\n`, 250);
  assert.deepEqual(delivered[0]?.transaction.forwardPaths, ["anna@example.test"]);
  client.destroy();
});

test("addresses beyond ASCII need SMTPUTF8, and the trace fields say so (RFC 6531 §3.4, §4.3)", async (t) => {
  const { delivered, port } = await startServer(t);
  const raw = await RawClient.connectSecure(port);
  const jürgen = Buffer.from("jürgen@example.org").toString("latin1");
  assert.match(await raw.say(`MAIL FROM:<${jürgen}>\r\n`, 553), /^553 5\.6\.7 /);
  raw.destroy();
  await connectNodemailer(port).sendMail({
    envelope: { from: "jürgen@example.org", to: "änne@example.test" },
    raw: "Subject: x\r\n\r\n",
  });
  const text = Buffer.from(delivered[0]?.text ?? "", "latin1").toString();
  assert.match(text, /^Return-Path: <jürgen@example\.org>\r\nDelivered-To: änne@example\.test\r\n/);
  assert.match(text, / with UTF8SMTPS /);
});

test("a message as large as SIZE is stored, a larger one is refused when it has been read (RFC 1870 §6)", async (t) => {
  const { delivered, port } = await startServer(t, { maxMessageOctets: 1000 });
  const client = await RawClient.connectSecure(port);
  await client.begin();
  await client.say(`${"x".repeat(998)}\r\n.\r\n`, 250);
  await client.begin();
  for (let line = 0; line < 1000; line++) client.send(`${"x".repeat(998)}\r\n`);
  assert.match(await client.say(".\r\n", 552), /^552 5\.3\.4 /);
  assert.equal(delivered.length, 1);
  assert.match(await client.say("MAIL FROM:<bob@example.org> SIZE=1001\r\n", 552), /^552 5\.3\.4 /);
  await client.say("MAIL FROM:<bob@example.org> SIZE=1000\r\n", 250);
  client.destroy();
});

for (const { name, failure, reply } of [
  { name: "a full disk", failure: Object.assign(new Error("x"), { code: "ENOSPC" }), reply: /^452 4\.3\.1 / },
  {
    name: "a used-up quota, as a cause",
    failure: new Error("x", { cause: Object.assign(new Error("y"), { code: "EDQUOT" }) }),
    reply: /^452 4\.3\.1 /,
  },
  { name: "any other failure", failure: new Error("x"), reply: /^451 4\.3\.0 / },
]) {
  for (const when of ["at once", "in the middle", "at the end"]) {
    test(`${name} ${when} is temporary for the sender, and the session goes on`, async (t) => {
      const { port } = await startServer(t, {
        deliver: async (_, octets) => {
          if (when === "at once") throw failure;
          for await (const chunk of octets)
            if (chunk.length > 20_000 && when === "in the middle") throw failure;
          throw failure;
        },
      });
      const client = await RawClient.connectSecure(port);
      await client.begin();
      client.send("x".repeat(78).concat("\r\n").repeat(1000));
      assert.match(await client.say(".\r\n", Number(String(reply).slice(2, 5))), reply);
      await client.say("NOOP\r\n", 250);
      client.destroy();
    });
  }
}

test("a deliver that resolves too early is not believed", async (t) => {
  const { port } = await startServer(t, { deliver: async () => undefined });
  const client = await RawClient.connectSecure(port);
  await client.begin();
  await client.say(`${MESSAGE}.\r\n`, 451);
  client.destroy();
});

test("250 is said after deliver has resolved, not before", async (t) => {
  const stored = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const { port } = await startServer(t, {
    deliver: async (_, octets) => {
      await readAll(octets);
      read.resolve();
      await stored.promise;
    },
  });
  const client = await RawClient.connectSecure(port);
  await client.begin();
  let answered = false;
  const answer = client.say(`${MESSAGE}.\r\n`, 250).then(() => {
    answered = true;
  });
  await read.promise;
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  assert.equal(answered, false);
  stored.resolve();
  await answer;
  client.destroy();
});

for (const leave of ["destroy", "reset"] as const) {
  test(`a client that leaves in DATA (${leave}) makes deliver fail`, async (t) => {
    const failed = Promise.withResolvers<unknown>();
    const { port } = await startServer(t, {
      deliver: async (_, octets) => {
        let isFirst = true;
        try {
          for await (const _chunk of octets) {
            if (!isFirst) client[leave]();
            isFirst = false;
          }
          failed.reject(new Error("the message was taken for complete"));
        } catch (error) {
          failed.resolve(error);
          throw error;
        }
      },
    });
    const client = await RawClient.connectSecure(port);
    await client.begin();
    client.send("x".repeat(78).concat("\r\n").repeat(100));
    assert.ok((await failed.promise) instanceof Error);
    const next = await RawClient.connectSecure(port);
    next.destroy();
  });
}

test("unknown, disabled and misplaced commands are refused, and too many of them end the session", async (t) => {
  const { port } = await startServer(t, { limits: { errorDelayMs: 0 } });
  const client = await RawClient.connectSecure(port);
  for (const [command, code] of [
    ["BDAT 10 LAST", 500],
    ["AUTH PLAIN AGEAYg==", 500],
    ["WIZ", 500],
    ["DATA", 503],
    ["RCPT TO:<anna@example.test>", 503],
    ["MAIL FROM:bob@example.org", 501],
    ["MAIL FROM:<bob@example.org> BODY=BINARYMIME", 501],
    ["VRFY anna", 252],
    ["STARTTLS", 503],
    ["NOOP", 250],
    ["RSET", 250],
  ] as const) {
    await client.say(`${command}\r\n`, code);
  }
  for (let n = 0; n < 13; n++) client.send("DATA\r\n");
  assert.match(await client.closed(), /421 4\.7\.0 Too many errors\r\n$/);
});
