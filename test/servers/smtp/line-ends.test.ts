import assert from "node:assert/strict";
import { test } from "node:test";
import { LineEndCheck } from "../../../src/servers/smtp/line-ends.ts";

const CASES = [
  { wire: "", offence: -1 },
  { wire: "a\r\nb\r\n", offence: -1 },
  { wire: "\r\n\r\n", offence: -1 },
  { wire: "a\r", offence: -1 },
  { wire: "a\n", offence: 1 },
  { wire: "\n", offence: 0 },
  { wire: "a\rb", offence: 2 },
  { wire: "a\r\r\n", offence: 2 },
  { wire: "a\r\n\n", offence: 3 },
  { wire: "a\n\r\n", offence: 1 },
  { wire: "a\0b", offence: 1 },
  { wire: "a\r\0", offence: 2 },
  { wire: "\x80\xff\r\n", offence: -1 },
];

/** Offset of the first offence in the whole, fed in pieces of `size` octets. */
function findOffence(wire: string, size: number): number {
  const check = new LineEndCheck();
  const octets = Buffer.from(wire, "latin1");
  for (let from = 0; from < octets.length; from += size) {
    const offence = check.push(octets.subarray(from, from + size));
    if (offence >= 0) return from + offence;
  }
  return -1;
}

for (const { wire, offence } of CASES) {
  for (const [cut, size] of [
    ["whole", 1000],
    ["octet by octet", 1],
    ["in pairs", 2],
  ] as const) {
    test(`LineEndCheck ${JSON.stringify(wire)} [${cut}]`, () =>
      assert.equal(findOffence(wire, size), offence));
  }
}
