import assert from "node:assert/strict";
import { test } from "node:test";
import { isForgedResults } from "../../../src/servers/smtp/forged-results.ts";
import { HeaderFilter } from "../../../src/servers/smtp/header-filter.ts";

const FORGED = [
  "Authentication-Results: example.test; dmarc=pass\r\n",
  "AUTHENTICATION-RESULTS:Example.TEST;dmarc=pass\r\n",
  "Authentication-Results: example.test 1; dmarc=pass\r\n",
  "Authentication-Results: example.test/1; dmarc=pass\r\n",
  "Authentication-Results:\r\n example.test;\r\n\tdmarc=pass header.from=example.org\r\n",
  'Authentication-Results: "example.test"; dmarc=pass\r\n',
  'Authentication-Results: "exam\\ple.test"; dmarc=pass\r\n',
  "Authentication-Results: (a (nested; \\) comment)) example.test (x); dmarc=pass\r\n",
  "Authentication-Results : example.test; dmarc=pass\r\n",
  `Authentication-Results: example.test;${" dkim=pass\r\n".repeat(20_000)}`,
];

const KEPT = [
  "Authentication-Results: mx.example.org; dmarc=pass\r\n",
  "Authentication-Results: mx.example.test; dmarc=pass\r\n",
  "Authentication-Results: example.test.example.org; dmarc=pass\r\n",
  "Authentication-Results: mx.example.org; smtp.rcpttodomain=example.test\r\n",
  "ARC-Authentication-Results: i=1; example.test; dmarc=pass\r\n",
  "X-Authentication-Results: example.test; dmarc=pass\r\n",
  "Subject: Authentication-Results: example.test; dmarc=pass\r\n",
  "Subject: folded\r\n Authentication-Results: example.test; dmarc=pass\r\n",
  `X-Long: ${"x".repeat(200_000)}\r\n`,
  "no field at all\r\n",
];

const BODY = "\r\nAuthentication-Results: example.test; dmarc=pass\r\n\r\nquoted\r\n";

function filter(message: string, size: number): string {
  const results = new HeaderFilter((field) => !isForgedResults(field, "Example.test"));
  const octets = Buffer.from(message, "latin1");
  const passed: Uint8Array[] = [];
  for (let from = 0; from < octets.length; from += size) {
    const { header, body } = results.push(octets.subarray(from, from + size));
    passed.push(...header, body);
  }
  passed.push(...results.finish());
  return Buffer.concat(passed).toString("latin1");
}

const CUTS = { whole: Number.POSITIVE_INFINITY, "octet by octet": 1, "in sevens": 7 };

for (const [cut, size] of Object.entries(CUTS)) {
  for (const field of FORGED) {
    test(`forged results are removed: ${JSON.stringify(field.slice(0, 70))} [${cut}]`, () => {
      assert.equal(filter(`A: 1\r\n${field}B: 2\r\n${BODY}`, size), `A: 1\r\nB: 2\r\n${BODY}`);
      assert.equal(filter(`${field}${field}${BODY}`, size), BODY);
      assert.equal(filter(`A: 1\r\n${field}`, size), "A: 1\r\n");
    });
  }
  for (const field of KEPT) {
    test(`what is not forged stays: ${JSON.stringify(field.slice(0, 70))} [${cut}]`, () => {
      for (const message of [
        `A: 1\r\n${field}B: 2\r\n${BODY}`,
        `${field}${BODY}`,
        `A: 1\r\n${field}`,
        BODY,
        "",
      ]) {
        assert.equal(filter(message, size), message);
      }
    });
  }
}
