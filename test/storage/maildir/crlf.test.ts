import assert from "node:assert/strict";
import { test } from "node:test";
import { CrlfCounter, withCrlf } from "../../../src/storage/maildir/crlf.ts";
import { chunksOf, textOf } from "./sandbox.ts";

const CASES = [
  { name: "CRLF as it is", text: "a\r\nb\r\n", expected: "a\r\nb\r\n" },
  { name: "LF alone", text: "a\n\nb\n", expected: "a\r\n\r\nb\r\n" },
  { name: "both", text: "a\r\nb\nc", expected: "a\r\nb\r\nc" },
  { name: "LF first", text: "\na", expected: "\r\na" },
  { name: "CR alone", text: "a\rb\r\r\n\r", expected: "a\rb\r\r\n\r" },
  { name: "nothing", text: "", expected: "" },
];

for (const { name, text, expected } of CASES) {
  for (const [cut, chunks] of [
    ["whole", [text]],
    ["octet by octet", [...text]],
  ] as const) {
    test(`withCrlf: ${name} [${cut}]`, async () => {
      assert.equal(await textOf(withCrlf(chunksOf(...chunks))), expected);
    });
    test(`CrlfCounter: ${name} [${cut}]`, () => {
      const counter = new CrlfCounter();
      for (const chunk of chunks) counter.push(Buffer.from(chunk));
      assert.deepEqual(counter.size, { octets: text.length, crlfOctets: expected.length });
    });
  }
}
