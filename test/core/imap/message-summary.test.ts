import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MessageSummarizer, MessageSummary, summarizeMessage } from "../../../src/core/imap/imap.ts";
import { findSection, fromOctetString, parseMessage } from "../../../src/core/mime/mime.ts";

const WIRE =
  "Received: x\r\nMessage-ID: <b@example.org>\r\nReferences: <a@example.org>\r\n <c@example.org>\r\n" +
  "From: Ann <ann@example.org>\r\nSubject: Hi\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
  "--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nw7w=\r\n" +
  "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n--x--\r\n";

for (const size of [1, 10, WIRE.length]) {
  test(`MessageSummary says what FETCH asks for, made from chunks of ${size} octets`, () => {
    const { summary, text } = summarize(WIRE, size);
    const from = '(("Ann" NIL "ann" "example.org"))';
    assert.equal(summary.envelope, `(NIL "Hi" ${from} ${from} ${from} NIL NIL NIL NIL "<b@example.org>")`);
    const plain = '"text" "plain" ("charset" "utf-8") NIL NIL "base64" 4 0';
    const inner = '"message" "rfc822" NIL NIL NIL "7bit" 24';
    const empty = '(NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL)';
    const text7 = '"text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 0';
    assert.equal(summary.body, `((${plain})(${inner} ${empty} (${text7}) 2) "mixed")`);
    assert.equal(
      summary.bodyStructure,
      `((${plain} NIL NIL NIL NIL)(${inner} ${empty} (${text7} NIL NIL NIL NIL) 2 NIL NIL NIL NIL)` +
        ` "mixed" ("boundary" "x") NIL NIL NIL)`,
    );
    assert.equal(summary.preview, "\xc3\xbc");
    assert.equal(
      summary.selectFields(new Set(["subject", "references"])),
      "References: <a@example.org>\r\n <c@example.org>\r\nSubject: Hi\r\n\r\n",
    );
    assert.equal(summary.selectFields(new Set(["received"])), undefined);
    assert.deepEqual(
      findSection(summary.layout, [2], "text"),
      findSection(parseMessage(fromOctetString(WIRE)), [2], "text"),
    );
    assert.equal(
      text.body,
      "U\u0308\nINSIDE\r\n\nCONTENT-TYPE: TEXT/PLAIN; CHARSET=UTF-8\nCONTENT-TRANSFER-ENCODING: BASE64\nCONTENT-TYPE: MESSAGE/RFC822\nSUBJECT: INNER",
    );
  });
}

test("MessageSummary names equal octets alike, and conversations by their first message (RFC 8474)", () => {
  const one = summarize(WIRE, 100).summary;
  const same = summarize(WIRE, 7).summary;
  const answer = summarize("Message-ID: <d@x>\r\nIn-Reply-To: <a@example.org>\r\n\r\n", 99).summary;
  const first = summarize("Message-ID: <a@example.org>\r\n\r\n", 99).summary;
  assert.match(one.emailId, /^M[0-9a-f]{32}$/);
  assert.equal(one.emailId, same.emailId);
  assert.notEqual(one.emailId, answer.emailId);
  assert.match(one.threadId ?? "", /^T[0-9a-f]{32}$/);
  assert.equal(one.threadId, answer.threadId);
  assert.equal(one.threadId, first.threadId);
  assert.equal(summarize("Subject: x\r\n\r\n", 99).summary.threadId, undefined);
});

test("MessageSummary leaves the fields of a very long header to the message", () => {
  const { summary } = summarize(`X: ${"x".repeat(300_000)}\r\nSubject: y\r\n\r\n`, 4096);
  assert.equal(summary.selectFields(new Set(["subject"])), undefined);
  assert.equal(summary.hasHeader, false);
});

test("MessageSummarizer keeps no chunk, whatever kind of octets it is given", () => {
  const wire = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b--\r\n";
  const whole = summarize(wire, 999);
  for (const size of [1, 7, 999]) {
    const summarizer = new MessageSummarizer();
    const buffer = Buffer.alloc(size);
    for (let at = 0; at < wire.length; at += size) {
      summarizer.push(buffer.subarray(0, buffer.write(wire.slice(at, at + size), "latin1")));
    }
    const { summary, text } = summarizer.end();
    buffer.fill("x");
    assert.equal(new MessageSummary(summary()).bodyStructure, whole.summary.bodyStructure);
    assert.deepEqual(text(), whole.text);
  }
});

test("summarizeMessage says of a message in memory what MessageSummarizer says of its chunks", () => {
  const pieces = [
    ...WIRE.split(/(?<=\r\n)/),
    "\r\n",
    "\n",
    "-",
    "--x",
    "a",
    "\xff",
    "Content-Type: text/html\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "=C3=A4=\r\n",
    "text ".repeat(100),
  ];
  const wires = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((chosen) => chosen.join(""));
  fc.assert(
    fc.property(wires, fc.integer({ min: 1, max: 200 }), (wire, size) => {
      const summarizer = new MessageSummarizer();
      for (let at = 0; at < wire.length; at += size) {
        summarizer.push(fromOctetString(wire.slice(at, at + size)));
      }
      const [chunked, whole] = [summarizer.end(), summarizeMessage(fromOctetString(wire))];
      assert.deepEqual(whole.summary(), chunked.summary());
      assert.deepEqual(whole.text(), chunked.text());
    }),
    { numRuns: 2000 },
  );
});

function summarize(wire: string, size: number) {
  const summarizer = new MessageSummarizer();
  for (let at = 0; at < wire.length; at += size) summarizer.push(fromOctetString(wire.slice(at, at + size)));
  const { summary, text } = summarizer.end();
  return { summary: new MessageSummary(summary()), text: text() };
}
