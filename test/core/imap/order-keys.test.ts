import assert from "node:assert/strict";
import { test } from "node:test";
import { formatOrderKeys, OrderKeys, readSentAt } from "../../../src/core/imap/imap.ts";
import { parseHeader } from "../../../src/core/mime/mime.ts";

function keysOf(...lines: readonly string[]): OrderKeys {
  return new OrderKeys(formatOrderKeys(parseHeader(lines.map((line) => `${line}\r\n`).join(""))));
}

test("OrderKeys gives back what SORT and THREAD compare (RFC 5256 §2)", () => {
  const keys = keysOf(
    "Subject: Re: [list] =?utf-8?q?=C3=A4?= day",
    "From: Zoe <zoe@example.org>, bob@example.org",
    "To: grp: x@example.org;",
    "Message-ID: <a@example.org>",
    "References: <x@example.org> <y@example.org>",
    "In-Reply-To: <z@example.org>",
  );
  assert.deepEqual(keys.subject, { text: "A\u0308 DAY", isReply: true });
  assert.deepEqual(
    (["FROM", "TO", "CC"] as const).map((field) => keys.firstMailbox(field)),
    ["ZOE", "GRP", ""],
  );
  assert.deepEqual(keys.references, {
    messageId: "a@example.org",
    references: ["x@example.org", "y@example.org"],
  });
});

test("OrderKeys of a message without any field are empty", () => {
  const keys = keysOf();
  assert.deepEqual(keys.subject, { text: "", isReply: false });
  assert.equal(keys.firstMailbox("CC"), "");
  assert.deepEqual(keys.references, { messageId: undefined, references: [] });
});

test("OrderKeys keep their lines apart, whatever encoded words hide", () => {
  const keys = keysOf(
    "Subject: =?utf-8?q?a=0A=0Db?=",
    "From: =?utf-8?q?one=0Atwo?=: x@example.org;",
    "Message-ID: <a@example.org>",
  );
  assert.deepEqual(keys.subject, { text: "A B", isReply: false });
  assert.equal(keys.firstMailbox("FROM"), "ONE TWO");
  assert.equal(keys.references.messageId, "a@example.org");
});

test("readSentAt reads the instant of Date, and tells no date from 1970", () => {
  const sentAt = (...lines: readonly string[]) =>
    readSentAt(parseHeader(lines.map((line) => `${line}\r\n`).join("")));
  assert.equal(sentAt("Date: Mon, 1 Jan 2024 12:00:00 +0100"), Date.UTC(2024, 0, 1, 11));
  assert.equal(sentAt("Date: 1 Jan 1970 00:00:00 +0000"), 0);
  assert.equal(sentAt("Subject: x"), undefined);
});
