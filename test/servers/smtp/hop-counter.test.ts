import assert from "node:assert/strict";
import { test } from "node:test";
import { HopCounter } from "../../../src/servers/smtp/hop-counter.ts";

const CASES = [
  { message: "", hops: 0 },
  { message: "Received: a\r\n", hops: 1 },
  { message: "Received: a\r\n\tby b\r\nRECEIVED:c\r\nreceived: d\r\nSubject: Received:\r\n", hops: 3 },
  { message: "Received-SPF: pass\r\nReceive: x\r\n received: folded\r\nX-Received: y\r\n", hops: 0 },
  { message: "Subject: x\r\n\r\nReceived: quoted\r\n", hops: 0 },
  { message: "\r\nReceived: body\r\n", hops: 0 },
];

for (const { message, hops } of CASES) {
  for (const [cut, size] of Object.entries({ whole: 1000, "octet by octet": 1 })) {
    test(`HopCounter ${JSON.stringify(message)} [${cut}]`, () => {
      const counter = new HopCounter();
      const octets = Buffer.from(message);
      for (let from = 0; from < octets.length; from += size) counter.push(octets.subarray(from, from + size));
      assert.equal(counter.hops, hops);
    });
  }
}
