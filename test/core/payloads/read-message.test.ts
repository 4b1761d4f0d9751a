import assert from "node:assert/strict";
import { test } from "node:test";
import { readMessage } from "../../../src/core/payloads/payloads.ts";
import { E } from "../../calendar/case-mails.ts";

const CONTEXT = {
  domain: "example.net",
  defaultZone: "Europe/Berlin",
  fileDate: Date.UTC(2026, 2, 2) / 1000,
  mayTrustDates: true,
};
const RECEIVED = "Received: from a by example.net with ESMTPS; Mon, 02 Mar 2026 12:00:00 +0000\r\n";
const NOON = Date.UTC(2026, 2, 2, 12) / 1000;

function read(header: string, body = "Hello\r\n") {
  return readMessage(Buffer.from(`${header}\r\n${body}`), CONTEXT);
}

test("readMessage takes the time of reception from our own Received field only", async () => {
  assert.equal((await read(RECEIVED)).received, NOON);
  assert.equal((await read(RECEIVED.replace("example.net", "other.example"))).received, CONTEXT.fileDate);
  assert.equal((await read("Subject: none\r\n")).received, CONTEXT.fileDate);
});

/** Fields as they come, and as a mail program shows them. */
const SUBJECTS: readonly [field: string, subject: string][] = [
  ["=?utf-8?q?B=C3=BCro?=", "Büro"],
  ["=?iso-8859-1?b?QvxybyA=?=\r\n =?iso-8859-1?q?im_Juni?=", "Büro im Juni"],
  ["Büro, unencoded (RFC 6532)", "Büro, unencoded (RFC 6532)"],
  ["=?nonsense", "=?nonsense"],
];

for (const [field, subject] of SUBJECTS) {
  test(`readMessage shows the subject ${JSON.stringify(field)} as ${subject}`, async () => {
    assert.equal((await read(`Subject: ${field}\r\n`)).subject, subject);
  });
}

test("readMessage takes what mail programs show from the header", async () => {
  const reading = await read(
    `Delivered-To: secretary@example.net\r\n${RECEIVED}Delivered-To: forged@example.net\r\n` +
      "From: Ann <Ann@example.org>\r\nMessage-ID: <1@example.org>\r\nSubject: =?utf-8?q?B=C3=BCro?=\r\n",
  );
  assert.deepEqual(reading.deliveredTo, ["secretary@example.net"]);
  assert.equal(reading.sender, "ann@example.org");
  assert.equal(reading.messageId, "1@example.org");
  assert.equal(reading.subject, "Büro");
  assert.equal(reading.isMarkedAsSpam, false);
});

/** When the sender says that a message was written, and when we believe it was. */
const DATES: readonly [date: string, messageDate: number][] = [
  ["Date: Mon, 02 Mar 2026 10:00:00 +0100\r\n", Date.UTC(2026, 2, 2, 9) / 1000],
  ["Date: 2 Mar 26 10:00 GMT\r\n", Date.UTC(2026, 2, 2, 10) / 1000],
  ["Date: Tue, 03 Mar 2026 12:00:00 +0000 (a comment)\r\n", Date.UTC(2026, 2, 3, 12) / 1000],
  ["Date: Tue, 03 Mar 2026 12:00:01 +0000\r\n", NOON],
  ["Date: yesterday\r\n", NOON],
  ["", NOON],
];

for (const [date, messageDate] of DATES) {
  test(`readMessage believes ${date.trim() || "no date"}`, async () => {
    const message = Buffer.from(E(0, 0, { DTSTAMP: undefined }).octets).toString();
    const octets = Buffer.from(RECEIVED + message.replace(/Date: .*\r\n/, date));
    const { payloads } = await readMessage(octets, CONTEXT);
    assert.equal(payloads[0]?.messageDate, messageDate);
    assert.equal(payloads[0]?.records[0]?.stamp, messageDate, "and takes it where there is no DTSTAMP");
  });
}
