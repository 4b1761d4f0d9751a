import assert from "node:assert/strict";
import { test } from "node:test";
import { type OrderKeys, parseAnswersKey, readOrderKeys } from "../../../src/core/imap/imap.ts";
import { parseHeader } from "../../../src/core/mime/mime.ts";

function keysOf(...lines: readonly string[]): OrderKeys {
  return readOrderKeys(parseHeader(lines.map((line) => `${line}\r\n`).join("")));
}

test("readOrderKeys gives what SORT and THREAD compare (RFC 5256 §2)", () => {
  const keys = keysOf(
    "Date: Mon, 1 Jan 2024 12:00:00 +0100",
    "Subject: Re: [list] =?utf-8?q?=C3=A4?= day",
    "From: Zoe <zoe@example.org>, bob@example.org",
    "To: grp: x@example.org;",
    "Message-ID: <a@example.org>",
    "References: <x@example.org> <y@example.org>",
    "In-Reply-To: <z@example.org>",
  );
  assert.equal(keys.sentAt, Date.UTC(2024, 0, 1, 11));
  assert.equal(keys.subjectKey, "A\u0308 DAY");
  assert.deepEqual([keys.fromKey, keys.toKey, keys.ccKey], ["ZOE", "GRP", ""]);
  assert.equal(keys.idKey, "a@example.org");
  const references = ["x@example.org", "y@example.org"];
  assert.deepEqual(parseAnswersKey(keys.answersKey), { isReply: true, references });
});

test("readOrderKeys of a message without any field are empty, and no date is told from 1970", () => {
  const { sentAt, answersKey, ...texts } = keysOf();
  assert.equal(sentAt, null);
  assert.deepEqual(new Set(Object.values(texts)), new Set([""]));
  assert.deepEqual(parseAnswersKey(answersKey), { isReply: false, references: [] });
  assert.equal(keysOf("Date: 1 Jan 1970 00:00:00 +0000").sentAt, 0);
});

test("parseAnswersKey tells replies from ids that look like their mark", () => {
  const answers = (...lines: readonly string[]) => parseAnswersKey(keysOf(...lines).answersKey);
  assert.deepEqual(answers("Subject: Re: x"), { isReply: true, references: [] });
  assert.deepEqual(answers("References: <re>"), { isReply: false, references: ["re"] });
  assert.deepEqual(answers("Subject: Re: x", "References: <re> <a>"), {
    isReply: true,
    references: ["re", "a"],
  });
});
