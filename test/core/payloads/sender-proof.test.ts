import assert from "node:assert/strict";
import { test } from "node:test";
import { readMessage, type SenderProof } from "../../../src/core/payloads/payloads.ts";

const RECEIVED =
  "Received: from mx.example.org ([192.0.2.1])\r\n\tby example.test with ESMTPS\r\n\tid 1;\r\n\tSat, 21 Nov 2026 03:34:11 +0000\r\n";
const FOREIGN = RECEIVED.replace("by example.test", "by mx.example.com");
const FROM = "From: Bob <bob@example.org>\r\n";
const PASS = "Authentication-Results: example.test;\r\n dmarc=pass (p=REJECT) header.from=example.org\r\n";

function results(text: string): string {
  return `Authentication-Results: ${text}\r\n`;
}

const CASES: readonly { readonly name: string; readonly header: string; readonly proof: SenderProof }[] = [
  { name: "of a pass", header: PASS + RECEIVED + FROM, proof: "verified" },
  {
    name: "of a pass for the domain in capitals",
    header: PASS + RECEIVED + FROM.toUpperCase(),
    proof: "verified",
  },
  { name: "without our field", header: RECEIVED + FROM, proof: "unchecked" },
  { name: "without any trace", header: FROM, proof: "unchecked" },
  { name: "of a field below our Received", header: RECEIVED + PASS + FROM, proof: "unchecked" },
  {
    name: "of a field further up",
    header: `${PASS}Delivered-To: a@example.test\r\n${RECEIVED}${FROM}`,
    proof: "unchecked",
  },
  { name: "of a Received that is not ours", header: PASS + FOREIGN + FROM, proof: "unchecked" },
  {
    name: "of a field in another name",
    header: results("mx.example.com; dmarc=pass header.from=example.org") + RECEIVED + FROM,
    proof: "unchecked",
  },
  {
    name: "of a field whose name is in a comment",
    header: results("(example.test;) mx.example.com; dmarc=pass header.from=example.org") + RECEIVED + FROM,
    proof: "unchecked",
  },
  {
    name: "of a domain without a policy",
    header: results("example.test; dmarc=none header.from=example.org") + RECEIVED + FROM,
    proof: "unproven",
  },
  ...["fail", "temperror", "permerror", "passed"].map((result) => ({
    name: `of ${result}`,
    header: results(`example.test; dmarc=${result} header.from=example.org`) + RECEIVED + FROM,
    proof: "failed" as const,
  })),
  {
    name: "of a message with two From fields",
    header: results("example.test; spf=pass") + RECEIVED + FROM + FROM,
    proof: "failed",
  },
  {
    name: "of a pass for another domain",
    header: results("example.test; dmarc=pass header.from=example.com") + RECEIVED + FROM,
    proof: "failed",
  },
  {
    name: "of a pass for the domain above",
    header: results("example.test; dmarc=pass header.from=ample.org") + RECEIVED + FROM,
    proof: "failed",
  },
  {
    name: "of words that the sender put into a comment",
    header:
      results(
        'example.test; spf=pass (domain of "x; dmarc=pass \\(a\\) header.from=example.org"@a.test); dmarc=fail header.from=example.org',
      ) +
      RECEIVED +
      FROM,
    proof: "failed",
  },
  {
    name: "of words that the sender put into a quoted string",
    header:
      results('example.test; spf=none smtp.mailfrom="; dmarc=pass header.from=example.org"') +
      RECEIVED +
      FROM,
    proof: "failed",
  },
  {
    name: "of two findings",
    header:
      results("example.test; dmarc=pass header.from=example.org; dmarc=fail header.from=example.org") +
      RECEIVED +
      FROM,
    proof: "failed",
  },
];

for (const { name, header, proof } of CASES) {
  test(`readMessage gives the proof ${name}`, async () => {
    const octets = Buffer.from(`${header}Subject: x\r\n\r\nHello\r\n`);
    const reading = await readMessage(octets, { domain: "example.test", defaultZone: "UTC", fileDate: 0 });
    assert.equal(reading.senderProof, proof);
  });
}
