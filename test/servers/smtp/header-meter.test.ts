import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMeter } from "../../../src/servers/smtp/header-meter.ts";

const CASES = [
  { message: "", hops: 0, header: 0 },
  { message: "Received: a\r\n", hops: 1, header: 13 },
  {
    message: "Received: a\r\n\tby b\r\nRECEIVED:c\r\nreceived: d\r\nSubject: Received:\r\n",
    hops: 3,
    header: 65,
  },
  {
    message: "Received-SPF: pass\r\nReceive: x\r\n received: folded\r\nX-Received: y\r\n",
    hops: 0,
    header: 66,
  },
  { message: "Subject: x\r\n\r\nReceived: quoted\r\n", hops: 0, header: 14 },
  { message: "\r\nReceived: body\r\n", hops: 0, header: 2 },
];

for (const { message, hops, header } of CASES) {
  for (const [cut, size] of Object.entries({ whole: 1000, "octet by octet": 1 })) {
    test(`HeaderMeter ${JSON.stringify(message)} [${cut}]`, () => {
      const meter = new HeaderMeter();
      const octets = Buffer.from(message);
      for (let from = 0; from < octets.length; from += size) meter.push(octets.subarray(from, from + size));
      assert.equal(meter.hops, hops);
      assert.equal(meter.octets, header);
    });
  }
}
